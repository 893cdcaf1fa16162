import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadAnswer, LoadOrder } from './load-messages.js';
import { cpuSecondsOf } from './process-figures.js';

/** Light stations in a few processes of their own. */
export interface LoadFleet {
  boot(urls: readonly string[], stations: number): Promise<number[]>;
  plugIn(departureMs: number): Promise<number[]>;
  meter(
    seconds: number,
    perSecond: number,
  ): Promise<{ perSecond: number; latenciesMs: number[]; failures: number }>;
  forget(): Promise<void>;
  taken(): Promise<Map<string, number>>;
  cpuSeconds(): number;
  stop(): Promise<void>;
}

export function createLoadFleet(processes: number): LoadFleet {
  const script = fileURLToPath(new URL('./load-process.ts', import.meta.url));
  const children = Array.from({ length: processes }, () =>
    fork(script, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  const waiting = new Map<
    number,
    { resolve: (answer: LoadAnswer) => void; reject: (error: Error) => void }
  >();
  let nextId = 0;
  for (const child of children) {
    child.on('message', (message) => {
      const { id, answer, error } = message as { id: number; answer: LoadAnswer; error?: string };
      const open = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) open?.resolve(answer);
      else open?.reject(new Error(error));
    });
  }
  const ask = (child: ChildProcess, order: LoadOrder): Promise<LoadAnswer> => {
    nextId += 1;
    const id = nextId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      child.send({ id, order });
    });
  };
  const askAll = (order: LoadOrder) => Promise.all(children.map((child) => ask(child, order)));
  const timesOf = (answers: readonly LoadAnswer[]) =>
    answers.flatMap((answer) => (answer.kind === 'times' ? answer.ms : []));

  return {
    async boot(urls, stations) {
      const each = Math.ceil(stations / processes);
      return timesOf(
        await Promise.all(
          children.map((child, index) =>
            ask(child, {
              kind: 'boot',
              url: urls[index % urls.length] as string,
              first: index * each + 1,
              count: Math.min(each, stations - index * each),
            }),
          ),
        ),
      );
    },
    plugIn: async (departureMs) => timesOf(await askAll({ kind: 'plug-in', departureMs })),
    async meter(seconds, perSecond) {
      const answers = await askAll({ kind: 'meter', seconds, perSecond: perSecond / processes });
      const rates = answers.filter((answer) => answer.kind === 'rate');
      return {
        perSecond: rates.reduce((sum, rate) => sum + rate.perSecond, 0),
        latenciesMs: rates.flatMap((rate) => rate.latenciesMs),
        failures: rates.reduce((sum, rate) => sum + rate.failures, 0),
      };
    },
    async forget() {
      await askAll({ kind: 'forget' });
    },
    async taken() {
      const answers = await askAll({ kind: 'taken' });
      return new Map(answers.flatMap((answer) => (answer.kind === 'taken' ? answer.atMs : [])));
    },
    cpuSeconds: () => children.reduce((sum, child) => sum + cpuSecondsOf(child.pid), 0),
    async stop() {
      await askAll({ kind: 'stop' });
      for (const child of children) child.kill();
    },
  };
}
