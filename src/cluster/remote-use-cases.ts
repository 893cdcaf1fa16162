import { EbbflowError } from '../domain/errors.js';
import type { Clock } from '../ports/clock.js';
import type { EngineEvent } from '../ports/engine-events.js';
import type { AskableUseCases, Readiness, UseCases } from '../ports/use-cases.js';
import type { NodeBus } from './node-bus.js';
import type { PlannerWatch } from './planner-term.js';
import { TOPICS, type UseCaseAsk, withoutTail } from './topics.js';

/** The longest question is a preview or a report over months; a change of planner fits in it. */
const LIMIT_MS = 30_000;
/** Of questions under way when the node stops. */
const STOP_GRACE_MS = 2_000;
const READINESS_LIMIT_MS = 3_000;
/** How often the planner hears that somebody listens, and how long it believes it. */
const LISTENING_MS = 2_000;
const LISTENER_TTL_MS = 3 * LISTENING_MS;

/** All that another node may ask; a name that is not here is refused. */
const ASKABLE = [
  'authenticate',
  'createApiKey',
  'apiKeys',
  'revokeApiKey',
  'deliveryBaselines',
  'readiness',
  'fleet',
  'history',
  'envelope',
  'stations',
  'station',
  'probeStation',
  'saveDrivers',
  'registerStation',
  'commandStation',
  'sessions',
  'session',
  'signedValues',
  'overrideSession',
  'sites',
  'saveSite',
  'putPrices',
  'prices',
  'priceCoverage',
  'tellPriceFault',
  'latestPlan',
  'marketProducts',
  'createBid',
  'bids',
  'bid',
  'withdrawBid',
  'awardBid',
  'releaseBid',
  'createDispatch',
  'previewDispatch',
  'dispatches',
  'dispatch',
  'cancelDispatch',
  'deadLetters',
  'replayDeadLetters',
  'dismissDeadLetter',
  'dispatchProgress',
  'deliveryReport',
  'settlements',
  'sealDelivery',
  'sealedDeliveries',
  'verifyProofs',
  'tariffs',
  'saveTariff',
  'contracts',
  'saveContract',
  'runSettlement',
  'ledger',
] as const satisfies readonly (keyof UseCases)[];

type Askable = (typeof ASKABLE)[number];
/** Does not compile when a use case is missing above. */
type Missing = Exclude<keyof UseCases, Askable | 'subscribe' | 'nowMs'>;
const NONE_MISSING: [Missing] extends [never] ? true : Missing = true;

/** The use cases on a node that does not plan: each is asked of whoever plans. */
export interface RemoteUseCases {
  readonly useCases: AskableUseCases;
  /** What is being asked has a little time left; then whoever waits for a planner hears SHUTTING_DOWN. */
  stop(): void;
}

export function createRemoteUseCases(bus: NodeBus, planner: PlannerWatch, clock: Clock): RemoteUseCases {
  const listeners = new Set<(event: EngineEvent) => void>();
  const waiting = new Set<(error: Error) => void>();
  const ask = (method: Askable, args: unknown[], limitMs: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.add(reject);
      planner
        .withPlanner((term, leftMs) => {
          const body: UseCaseAsk = { method, args: withoutTail(args) };
          return bus.ask(term.nodeId, TOPICS.useCase, body, leftMs);
        }, limitMs)
        .then(resolve, reject)
        .finally(() => waiting.delete(reject));
    });

  bus.onTell(TOPICS.event, (_from, event) => {
    for (const listener of listeners) listener(event as EngineEvent);
  });
  const sayListening = (): void => {
    if (listeners.size === 0) return;
    planner.term(0).then(
      (term) => bus.tell(term.nodeId, TOPICS.listening, {}),
      () => undefined,
    );
  };
  const beat = setInterval(sayListening, LISTENING_MS);

  // `readonly unknown[]`: the keys are those of the list, which no type of an object from entries says.
  const asked: Pick<AskableUseCases, Askable> = Object.fromEntries(
    ASKABLE.map((method): readonly unknown[] => [
      method,
      (...args: unknown[]) => ask(method, args, LIMIT_MS),
    ]),
  );
  return {
    useCases: {
      ...asked,
      nowMs: () => clock.nowMs(),
      async readiness(): Promise<Readiness> {
        try {
          return (await ask('readiness', [], READINESS_LIMIT_MS)) as Readiness;
        } catch (error) {
          if (!(error instanceof EbbflowError)) throw error;
          return { ready: false, checks: [{ name: 'planner', ok: false, detail: error.message }] };
        }
      },
      subscribe(listener) {
        listeners.add(listener);
        sayListening();
        return () => listeners.delete(listener);
      },
    },
    stop() {
      clearInterval(beat);
      setTimeout(() => {
        const stopping = new EbbflowError('SHUTTING_DOWN', 'The node is stopping');
        for (const reject of waiting) reject(stopping);
      }, STOP_GRACE_MS).unref();
    },
  };
}

/** Lets other nodes ask this one's engine while it plans; the result stops it. */
export function serveUseCases(bus: NodeBus, useCases: UseCases, isHeld: () => boolean): () => void {
  const allowed = new Set<string>(NONE_MISSING ? ASKABLE : []);
  const heardAtMs = new Map<string, number>();
  let unsubscribe: (() => void) | undefined;

  bus.onAsk(TOPICS.useCase, async (_from, body) => {
    const { method, args } = body as UseCaseAsk;
    if (!isHeld()) throw new EbbflowError('NODE_UNREACHABLE', 'This node plans no more');
    if (!allowed.has(method)) throw new EbbflowError('NOT_FOUND', `no use case ${method}`);
    const call = useCases[method as Askable] as (...values: unknown[]) => unknown;
    return call(...args);
  });
  bus.onTell(TOPICS.listening, (from) => {
    heardAtMs.set(from, performance.now());
    unsubscribe ??= useCases.subscribe((event) => {
      for (const nodeId of heardAtMs.keys()) bus.tell(nodeId, TOPICS.event, event);
    });
  });
  const watch = setInterval(() => {
    const overdueMs = performance.now() - LISTENER_TTL_MS;
    for (const [nodeId, atMs] of heardAtMs) if (atMs < overdueMs) heardAtMs.delete(nodeId);
    if (heardAtMs.size > 0) return;
    unsubscribe?.();
    unsubscribe = undefined;
  }, LISTENING_MS);
  return () => {
    clearInterval(watch);
    unsubscribe?.();
  };
}
