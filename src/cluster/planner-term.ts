import { EbbflowError } from '../domain/errors.js';
import type { NodeBus } from './node-bus.js';

/** How often the planner says that it is there. */
const BEAT_MS = 1_000;

/** Who plans. `token` rises with each change of planner. */
export interface PlannerTerm {
  readonly nodeId: string;
  readonly token: number;
}

/** Says to all nodes that this one plans; the result stops it. */
export function announceTerm(bus: NodeBus, token: number): () => void {
  const term: PlannerTerm = { nodeId: bus.nodeId, token };
  const beat = () => bus.tellEverybody('planner', term);
  beat();
  const timer = setInterval(beat, BEAT_MS);
  return () => clearInterval(timer);
}

/** What a node knows of the planner. */
export interface PlannerWatch {
  /** The planner of now; waits for one, at most `limitMs`. @throws EbbflowError NODE_UNREACHABLE */
  term(limitMs: number): Promise<PlannerTerm>;
  /** The highest token that was heard of: who speaks with a lower one has been replaced. */
  highestToken(): number;
  /**
   * Does `work` with the planner, and again with its successor when it is gone, all within `limitMs`. It must
   * bear being done twice, since a planner may die between doing and answering.
   */
  withPlanner<T>(work: (term: PlannerTerm, leftMs: number) => Promise<T>, limitMs: number): Promise<T>;
  /** Called for each new term. */
  onTerm(listener: (term: PlannerTerm) => void): void;
}

export function watchPlanner(bus: NodeBus): PlannerWatch {
  const listeners: ((term: PlannerTerm) => void)[] = [];
  const waiting = new Set<(term: PlannerTerm) => void>();
  let current: PlannerTerm | undefined;
  let last: PlannerTerm | undefined;
  let highest = 0;

  bus.onTell('planner', (_from, body) => {
    const term = body as PlannerTerm;
    if (term.token < highest) return;
    const isNew = term.token > highest;
    if (isNew && last !== undefined) bus.giveUpOn(last.nodeId);
    highest = term.token;
    current = term;
    last = term;
    for (const resolve of waiting) resolve(term);
    waiting.clear();
    if (isNew) for (const listener of listeners) listener(term);
  });

  function term(limitMs: number): Promise<PlannerTerm> {
    if (current !== undefined) return Promise.resolve(current);
    return new Promise((resolve, reject) => {
      const heard = (found: PlannerTerm) => {
        clearTimeout(timer);
        resolve(found);
      };
      const timer = setTimeout(() => {
        waiting.delete(heard);
        reject(new EbbflowError('NODE_UNREACHABLE', `No planner was heard of in ${Math.round(limitMs)} ms`));
      }, limitMs);
      waiting.add(heard);
    });
  }

  return {
    term,
    highestToken: () => highest,
    async withPlanner(work, limitMs) {
      const untilMs = performance.now() + limitMs;
      for (;;) {
        const asked = await term(Math.max(0, untilMs - performance.now()));
        try {
          return await work(asked, Math.max(1, untilMs - performance.now()));
        } catch (error) {
          const isGone = error instanceof EbbflowError && error.code === 'NODE_UNREACHABLE';
          if (!isGone || performance.now() >= untilMs) throw error;
          // Whoever is gone is believed again only when it beats again.
          if (current === asked) current = undefined;
        }
      }
    },
    onTerm: (listener) => void listeners.push(listener),
  };
}
