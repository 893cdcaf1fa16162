import { setImmediate } from 'node:timers/promises';
import { createSteppedClock, type SteppedClock } from '../../../src/clock/stepped-clock.js';
import type { HolidayCalendar } from '../../../src/domain/holidays.js';
import { asStationId, type EvseId, evseIdOf, type StationId } from '../../../src/domain/ids.js';
import type { MarketProduct } from '../../../src/domain/market-product.js';
import type { PriceSeries } from '../../../src/domain/price.js';
import { profilePowerKwAt } from '../../../src/domain/profile.js';
import type { Reading } from '../../../src/domain/reading.js';
import type { ChargingNeeds } from '../../../src/domain/session.js';
import type { DeviceVariable } from '../../../src/domain/station.js';
import { createEngine, type Engine } from '../../../src/engine/engine.js';
import { DEFAULT_SETTINGS, type EngineSettings } from '../../../src/engine/settings.js';
import type { EngineEvent } from '../../../src/ports/engine-events.js';
import type { Logger } from '../../../src/ports/logger.js';
import type { Store } from '../../../src/ports/store.js';
import { createSecrets } from '../../../src/secrets.js';
import { eventOf, NOON_MS, needsOf, v2gModel } from './fixtures.js';
import { createManualLink, type ManualLink } from './manual-link.js';
import { createMemoryStore } from './memory-store.js';
import { createSynchronousQueue, type SynchronousQueue } from './synchronous-queue.js';

/** The real engine on a stepped clock between fakes of its ports. */
export interface EngineRig {
  readonly engine: Engine;
  readonly clock: SteppedClock;
  readonly store: Store;
  readonly queue: SynchronousQueue;
  readonly link: ManualLink;
  /** Everything announced so far. */
  readonly events: EngineEvent[];
  /** What was logged as a warning or an error. */
  readonly complaints: string[];
  alarms(): string[];
  /** Lets all work in hand come to an end without moving the time. */
  settle(): Promise<void>;
  /** Moves time on, timer by timer, and lets each timer's work end before the next. */
  advance(ms: number): Promise<void>;
  /** A V2G station with one EVSE that has booted and told its inventory. */
  commission(name?: string, model?: readonly DeviceVariable[]): Promise<StationId>;
  /** A car that plugs in with a transaction and states its needs; the plan is not awaited. */
  plugIn(stationId: StationId, transactionId: string, needs?: Partial<ChargingNeeds> | null): Promise<EvseId>;
  meter(
    stationId: StationId,
    transactionId: string,
    seqNo: number,
    reading: Partial<Reading>,
    kind?: 'updated' | 'ended',
  ): Promise<void>;
  /** A car that does what the profile in force tells, metered every minute. Registers go on from the begin's. */
  follow(car: FollowingCar, minutes: number): Promise<void>;
}

/** A plugged-in car whose meter a test moves. */
export interface FollowingCar {
  readonly stationId: StationId;
  readonly transactionId: string;
  seqNo: number;
  importRegisterWh: number;
  exportRegisterWh: number;
}

/** The car that {@link EngineRig.plugIn} plugged in. */
export function carAt(stationId: StationId, transactionId: string): FollowingCar {
  return { stationId, transactionId, seqNo: 0, importRegisterWh: 1000, exportRegisterWh: 500 };
}

export interface RigOptions {
  readonly store?: Store;
  readonly startMs?: number;
  readonly settings?: Partial<EngineSettings>;
  readonly adminKey?: string;
  readonly products?: readonly MarketProduct[];
  readonly calendars?: ReadonlyMap<string, HolidayCalendar>;
  readonly clock?: SteppedClock;
  readonly link?: ManualLink;
}

/** An engine that has started. The same `store`, `clock` and `link` make it a restarted one. */
export async function startRig(options: RigOptions = {}): Promise<EngineRig> {
  const clock = options.clock ?? createSteppedClock(options.startMs ?? NOON_MS);
  const store = options.store ?? createMemoryStore();
  const queue = createSynchronousQueue(clock);
  const link = options.link ?? createManualLink();
  const complaints: string[] = [];
  const note = (_fields: object, message: string): void => {
    complaints.push(message);
  };
  const logger: Logger = { debug: () => {}, info: () => {}, warn: note, error: note };
  let elapsedMs = 0;
  const engine = await createEngine({
    clock,
    store,
    queue,
    logger,
    secrets: createSecrets(),
    metrics: { count: () => {}, observeSeconds: () => {} },
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
    stopwatchMs: () => elapsedMs++,
    ...(options.products === undefined ? {} : { products: options.products }),
    ...(options.calendars === undefined ? {} : { calendars: options.calendars }),
    ...(options.adminKey === undefined ? {} : { adminKey: options.adminKey }),
  });
  const events: EngineEvent[] = [];
  engine.useCases.subscribe((event) => events.push(event));

  const settle = async (): Promise<void> => {
    for (let quietTurns = 0, taken = -1; quietTurns < 3; ) {
      await clock.whenFree();
      await setImmediate();
      quietTurns = clock.isFree() && clock.holdsTaken() === taken ? quietTurns + 1 : 0;
      taken = clock.holdsTaken();
    }
  };

  const rig: EngineRig = {
    engine,
    clock,
    store,
    queue,
    link,
    events,
    complaints,
    alarms: () => events.flatMap((event) => (event.kind === 'alarm' ? [event.alarm.code] : [])),
    settle,
    async advance(ms) {
      const targetMs = clock.nowMs() + ms;
      for (
        let dueMs = clock.nextDueMs();
        dueMs !== undefined && dueMs <= targetMs;
        dueMs = clock.nextDueMs()
      ) {
        clock.advanceTo(dueMs);
        await settle();
      }
      clock.advanceTo(targetMs);
      await settle();
    },
    async commission(name = 'cs-1', model = v2gModel()) {
      const stationId = asStationId(name);
      await engine.useCases.registerStation({ stationId });
      link.online.add(stationId);
      await engine.stationEvents.connected(stationId, 'ocpp2.1');
      await engine.stationEvents.booted(stationId, { vendor: 'V', model: 'M' }, 'PowerUp');
      await rig.advance(0);
      await engine.stationEvents.deviceModelReported(stationId, model, true);
      await rig.advance(200);
      return stationId;
    },
    async plugIn(stationId, transactionId, needs = {}) {
      const nowMs = clock.nowMs();
      await engine.stationEvents.transactionEvent(
        stationId,
        eventOf(0, {
          transactionId: transactionId as never,
          atMs: nowMs,
          readings: [{ atMs: nowMs, context: 'begin', importRegisterWh: 1000, exportRegisterWh: 500 }],
        }),
      );
      if (needs !== null)
        await engine.stationEvents.chargingNeeds(
          stationId,
          1,
          needsOf({
            statedAtMs: nowMs,
            receivedAtMs: nowMs,
            departureMs: nowMs + 8 * 3_600_000,
            ...needs,
          }),
        );
      return evseIdOf(stationId, 1);
    },
    async follow(car, minutes) {
      for (let minute = 0; minute < minutes; minute++) {
        const inForce = link.profilesTo(evseIdOf(car.stationId, 1)).at(-1);
        const powerKw = inForce === undefined ? 0 : (profilePowerKwAt(inForce, clock.nowMs()) ?? 0);
        await rig.advance(60_000);
        car.importRegisterWh += (Math.max(0, powerKw) * 1000) / 60;
        car.exportRegisterWh += (Math.max(0, -powerKw) * 1000) / 60;
        car.seqNo += 1;
        const { importRegisterWh, exportRegisterWh } = car;
        await rig.meter(car.stationId, car.transactionId, car.seqNo, { importRegisterWh, exportRegisterWh });
      }
    },
    async meter(stationId, transactionId, seqNo, reading, kind = 'updated') {
      const nowMs = clock.nowMs();
      await engine.stationEvents.transactionEvent(
        stationId,
        eventOf(seqNo, {
          kind,
          transactionId: transactionId as never,
          atMs: nowMs,
          readings: [{ atMs: nowMs, context: 'periodic', ...reading }],
        }),
      );
    },
  };
  await engine.start(link);
  await rig.advance(200);
  return rig;
}

/** Hourly prices from noon: one pair per hour. */
export function hourlyPrices(
  importPerKwh: readonly number[],
  exportPerKwh: readonly number[] = importPerKwh,
  startMs = NOON_MS,
): PriceSeries {
  return { zone: 'DE-LU', currency: 'EUR', startMs, slotMinutes: 60, importPerKwh, exportPerKwh };
}
