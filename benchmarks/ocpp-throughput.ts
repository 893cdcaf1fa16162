import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { WebSocket } from 'ws';
import { type ProcessUsage, startChild } from './ocpp/child.js';
import { renderOcppPage, type ThroughputResult } from './ocpp/report.js';
import { connectStation } from './ocpp/stations.js';

/**
 * Request and answer over real sockets, beside a bare echo and another library, each server in a process of its
 * own: `tsx benchmarks/ocpp-throughput.ts [--rounds 40000]`, `--render` for the page alone.
 * The servers take turns, so that what else the machine does meets all of them.
 */
const CONTENDERS = [
  'ws echo',
  'ebbflow connection',
  'ebbflow gateway',
  'ocpp-rpc, no validation',
  'ocpp-rpc, validating',
];
const STATIONS = 50;
const TURNS = 4;
const WARM_UP_ROUNDS = 5_000;
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const event = (index: number): string =>
  JSON.stringify([
    2,
    `m-${index}`,
    'TransactionEvent',
    {
      eventType: 'Updated',
      timestamp: '2026-03-14T18:30:00.012Z',
      triggerReason: 'MeterValuePeriodic',
      seqNo: index,
      transactionInfo: { transactionId: 'c8a1f0c2-6c0e-4a7e-9a51-2f0b6f4d1a77' },
      meterValue: [
        {
          timestamp: '2026-03-14T18:30:00Z',
          sampledValue: [
            { value: 1_206_518, measurand: 'Energy.Active.Import.Register', unitOfMeasure: { unit: 'Wh' } },
            { value: 321_369, measurand: 'Energy.Active.Export.Register', unitOfMeasure: { unit: 'Wh' } },
            { value: 0, measurand: 'Power.Active.Import', unitOfMeasure: { unit: 'W' } },
            { value: 9_930, measurand: 'Power.Active.Export', unitOfMeasure: { unit: 'W' } },
            { value: 61, measurand: 'SoC', location: 'EV', unitOfMeasure: { unit: 'Percent' } },
          ],
        },
      ],
    },
  ]);

/** One request in flight per station, as the standard has it. */
async function rounds(sockets: readonly WebSocket[], count: number): Promise<void> {
  let started = 0;
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          const next = (): void => {
            if (started >= count) {
              socket.off('message', next);
              resolve();
              return;
            }
            started += 1;
            socket.send(event(started));
          };
          socket.on('message', next);
          next();
        }),
    ),
  );
}

async function main(args: readonly string[]): Promise<void> {
  const saved = path('./results/ocpp-throughput.json');
  if (!args.includes('--render')) {
    const at = args.indexOf('--rounds');
    const count = at < 0 ? 40_000 : Number(args[at + 1]);
    const servers = await Promise.all(
      CONTENDERS.map(async (name) => {
        const { child, said: port } = await startChild<number>('./throughput-server.ts', [name]);
        const sockets: WebSocket[] = [];
        for (let index = 0; index < STATIONS; index += 1)
          sockets.push(await connectStation(port, `bench-${index}`));
        await rounds(sockets, WARM_UP_ROUNDS);
        return { name, child, sockets, seconds: 0, cpuMicroseconds: 0 };
      }),
    );
    const loadAtStart = loadavg()[0] ?? 0;
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (const server of servers) {
        const before = await server.child.ask<ProcessUsage>('usage');
        const started = performance.now();
        await rounds(server.sockets, count / TURNS);
        server.seconds += (performance.now() - started) / 1000;
        const after = await server.child.ask<ProcessUsage>('usage');
        server.cpuMicroseconds += after.cpuMicroseconds - before.cpuMicroseconds;
      }
    }
    const result: ThroughputResult = {
      ...{
        date: new Date().toISOString(),
        node: process.version,
        loadAtStart,
        stations: STATIONS,
        rounds: count,
      },
      ...{ processor: cpus()[0]?.model ?? 'unknown', processors: cpus().length, bytes: event(1).length },
      contenders: servers.map(({ name, seconds, cpuMicroseconds }) => ({
        ...{ name, roundsPerSecond: count / seconds, cpuMicrosecondsPerRound: cpuMicroseconds / count },
      })),
    };
    for (const { sockets, child } of servers) {
      for (const socket of sockets) socket.terminate();
      await child.stop();
    }
    mkdirSync(path('./results'), { recursive: true });
    writeFileSync(saved, `${JSON.stringify(result)}\n`);
  }
  const page = renderOcppPage(
    JSON.parse(readFileSync(saved, 'utf8')),
    JSON.parse(readFileSync(path('./results/ocpp-fuzz.json'), 'utf8')),
  );
  writeFileSync(path('../docs/benchmarks-ocpp.md'), page);
  process.stdout.write(page);
}

await main(process.argv.slice(2));
