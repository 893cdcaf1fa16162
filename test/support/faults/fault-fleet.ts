import { createSystemClock } from '../../../src/clock/system-clock.js';
import { asStationId } from '../../../src/domain/ids.js';
import { createSimulatedFleet, type SimulatedFleet } from '../../../src/simulator/fleet.js';
import { type Random, seededRandom } from '../../../src/simulator/seeded-random.js';
import {
  assumedBattery,
  DEFAULT_CAR,
  DEFAULT_TRAITS,
  type SessionPlan,
  type StationPlan,
  type StationTraits,
} from '../../../src/simulator/session-plan.js';

const HOUR_MS = 3_600_000;
const STATIONS = 6;
/** How the stations differ; each run has all of them. */
const TRAITS: readonly Partial<StationTraits>[] = [
  {},
  { dynamicProfiles: true },
  { powerStyle: 'negative-import' },
  { connectorReports: 'NotifyEvent' },
];

export interface FaultFleet extends SimulatedFleet {
  readonly stationIds: readonly string[];
  /** Numbers of the events that the engine has acknowledged, by transaction. */
  readonly acknowledged: ReadonlyMap<string, ReadonlySet<number>>;
}

/** Stations that come back within a second or two; every third has a car that leaves early and one that follows. */
export function createFaultFleet(url: string, seed: number): FaultFleet {
  const clock = createSystemClock();
  const random = seededRandom(seed);
  const acknowledged = new Map<string, Set<number>>();
  const stations = Array.from({ length: STATIONS }, (_, index) => stationPlan(index, clock.nowMs(), random));
  const fleet = createSimulatedFleet({
    url,
    stations,
    clock,
    seed,
    onAcknowledged(_stationId, { transactionInfo, seqNo }) {
      const numbers = acknowledged.get(transactionInfo.transactionId) ?? new Set();
      acknowledged.set(transactionInfo.transactionId, numbers.add(seqNo));
    },
  });
  return { ...fleet, stationIds: stations.map(({ stationId }) => stationId), acknowledged };
}

function stationPlan(index: number, nowMs: number, random: Random): StationPlan {
  const stationId = asStationId(`CS-${index + 1}`);
  const arriveMs = nowMs + 500 + Math.floor(random() * 1_000);
  const changeMs = arriveMs + 4_000 + Math.floor(random() * 4_000);
  const leaveMs = nowMs + 6 * HOUR_MS;
  const sessions =
    index % 3 === 2
      ? [
          session(`${stationId}-a`, arriveMs, changeMs, random),
          session(`${stationId}-b`, changeMs + 1_500, leaveMs, random),
        ]
      : [session(`${stationId}-a`, arriveMs, leaveMs, random)];
  const retries = {
    connectWaitS: 1,
    connectRandomS: 1,
    connectDoublings: 0,
    eventAttempts: 100,
    eventIntervalS: 1,
  };
  return {
    stationId,
    evses: [{ sessions }],
    traits: { ...DEFAULT_TRAITS, ...TRAITS[index % TRAITS.length], retries },
  };
}

function session(sessionId: string, plugInMs: number, plugOutMs: number, random: Random): SessionPlan {
  return {
    sessionId,
    userId: 'driver',
    plugInMs,
    plugOutMs,
    battery: assumedBattery(60, DEFAULT_CAR),
    arrivalKwh: 28 + random() * 6,
    targetKwh: 40,
    bidirectional: true,
    assumptions: [],
  };
}
