import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createSteppedClock, type SteppedClock } from '../../../src/clock/stepped-clock.js';
import type { Plan } from '../../../src/domain/plan.js';
import { createEngine, type Engine } from '../../../src/engine/engine.js';
import { DEFAULT_SETTINGS, type EngineSettings } from '../../../src/engine/settings.js';
import { createGateway } from '../../../src/ocpp/gateway/create-gateway.js';
import type { Gateway } from '../../../src/ocpp/gateway/gateway-options.js';
import type { EngineEvent } from '../../../src/ports/engine-events.js';
import type { Logger } from '../../../src/ports/logger.js';
import type { Store } from '../../../src/ports/store.js';
import { createSecrets } from '../../../src/secrets.js';
import { createSimulatedFleet, type SimulatedFleet } from '../../../src/simulator/fleet.js';
import type { StationPlan } from '../../../src/simulator/session-plan.js';
import { NOON_MS } from './fixtures.js';
import { createMemoryStore, type MemoryStore } from './memory-store.js';
import { createSynchronousQueue } from './synchronous-queue.js';

const METRICS = { count: () => {}, observeSeconds: () => {} };

/**
 * The real engine and the real gateway, simulated stations on real sockets, all on one stepped clock; only
 * store and queue are in memory. The engine can be killed and started again on the same store and port.
 */
export class LiveRig {
  readonly clock: SteppedClock;
  readonly store: MemoryStore = createMemoryStore();
  readonly events: EngineEvent[] = [];
  readonly complaints: string[] = [];
  readonly #settings: EngineSettings;
  engine!: Engine;
  gateway!: Gateway;
  fleet!: SimulatedFleet;
  #port = 0;
  #plansHang = false;
  #engineClock!: KillableClock;
  /** The network between stations and gateway. */
  readonly network = new NetworkCable();

  private constructor(settings: Partial<EngineSettings>, startMs: number) {
    this.clock = createSteppedClock(startMs);
    this.#settings = {
      ...DEFAULT_SETTINGS,
      registerUnknownStations: true,
      meterIntervalS: 60,
      solverTimeLimitMs: 2_000,
      ...settings,
    };
  }

  static async open(
    stations: readonly StationPlan[],
    settings: Partial<EngineSettings> = {},
    before: (rig: LiveRig) => Promise<void> = async () => {},
  ): Promise<LiveRig> {
    const rig = new LiveRig(settings, NOON_MS);
    await rig.startEngine();
    await before(rig);
    rig.fleet = createSimulatedFleet({
      url: `ws://127.0.0.1:${await rig.network.plugInto(rig.#port)}`,
      stations,
      clock: rig.clock,
      seed: 3,
    });
    await rig.fleet.start();
    await rig.settle();
    return rig;
  }

  async startEngine(): Promise<void> {
    const note = (fields: object, message: string): void => {
      this.complaints.push(`${message} ${JSON.stringify(fields)}`);
    };
    const logger: Logger = { debug: () => {}, info: () => {}, warn: note, error: note };
    this.#engineClock = new KillableClock(this.clock);
    const clock = this.#engineClock;
    let elapsedMs = 0;
    this.engine = await createEngine({
      clock,
      logger,
      store: this.#storeOfEngine(),
      queue: createSynchronousQueue(clock),
      secrets: createSecrets(),
      metrics: METRICS,
      settings: this.#settings,
      stopwatchMs: () => elapsedMs++,
    });
    this.engine.useCases.subscribe((event) => this.events.push(event));
    this.gateway = await createGateway({
      host: '127.0.0.1',
      port: this.#port,
      auth: 'open',
      events: this.engine.stationEvents,
      clock,
      metrics: METRICS,
      logger,
      limits: { closeGraceMs: 50 },
    });
    this.#port = this.gateway.address.port;
    await this.engine.start(this.gateway.link);
  }

  /** The process is gone between two instants: no timer of it fires any more, its sockets are cut. */
  async killEngine(): Promise<void> {
    this.#engineClock.kill();
    await this.gateway.close();
    await this.settle();
  }

  async close(): Promise<void> {
    this.#engineClock.kill();
    await this.gateway.close();
    await this.fleet.stop();
    this.network.cut();
  }

  /** From now on each plan hangs when it is made, for ever. */
  hangPlans(): void {
    this.#plansHang = true;
  }

  mendPlans(): void {
    this.#plansHang = false;
  }

  /** The store, but for plans that are to hang; who hangs holds no clock. */
  #storeOfEngine(): Store {
    const { plans } = this.store;
    const save = (plan: Plan): Promise<void> => {
      if (!this.#plansHang) return plans.save(plan);
      this.#engineClock.forgetHolds();
      return new Promise(() => {});
    };
    return { ...this.store, plans: { ...plans, save } };
  }

  alarms(): string[] {
    return this.events.flatMap((event) => (event.kind === 'alarm' ? [event.alarm.code] : []));
  }

  /** Lets all work in hand come to an end without moving the time. */
  async settle(): Promise<void> {
    for (let quietTurns = 0, taken = -1; quietTurns < 4; ) {
      await this.clock.whenFree();
      await new Promise((resolve) => setImmediate(resolve));
      const isQuiet = this.clock.isFree() && this.clock.holdsTaken() === taken && this.fleet?.busy() !== true;
      quietTurns = isQuiet ? quietTurns + 1 : 0;
      taken = this.clock.holdsTaken();
    }
  }

  /** Moves time on, timer by timer, and lets each timer's work end before the next. */
  async advance(ms: number, afterEach: (nowMs: number) => void = () => {}): Promise<void> {
    const targetMs = this.clock.nowMs() + ms;
    for (let dueMs = this.clock.nextDueMs(); dueMs !== undefined && dueMs <= targetMs; ) {
      this.clock.advanceTo(dueMs);
      await this.settle();
      afterEach(this.clock.nowMs());
      dueMs = this.clock.nextDueMs();
    }
    this.clock.advanceTo(targetMs);
    await this.settle();
    afterEach(targetMs);
  }
}

/** A clock whose owner can die: from then on none of its timers fires and none of its holds counts. */
class KillableClock {
  readonly #clock: SteppedClock;
  readonly #holds = new Set<() => void>();
  #isAlive = true;

  constructor(clock: SteppedClock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  after(delayMs: number, task: () => void): () => void {
    return this.#clock.after(delayMs, () => {
      if (this.#isAlive) task();
    });
  }

  hold(): () => void {
    if (!this.#isAlive) return () => {};
    const release = this.#clock.hold();
    const done = () => {
      this.#holds.delete(done);
      release();
    };
    this.#holds.add(done);
    return done;
  }

  forgetHolds(): void {
    for (const release of this.#holds) release();
  }

  kill(): void {
    this.#isAlive = false;
    this.forgetHolds();
  }
}

/** A TCP relay that can be cut: connections die and new ones are refused until it is mended. */
class NetworkCable {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #isCut = false;

  /** The port to connect to instead. */
  async plugInto(targetPort: number): Promise<number> {
    this.#server = createServer((near) => {
      if (this.#isCut) {
        near.destroy();
        return;
      }
      const far = connect(targetPort, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#server.unref();
    return (this.#server.address() as AddressInfo).port;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }
}
