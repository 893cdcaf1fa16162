import { MS_PER_HOUR, MS_PER_MINUTE } from '../domain/power.js';
import { normal, type Random, seededRandom, seedOf, weightedIndex } from './seeded-random.js';
import { assumedBattery, type CarAssumptions, DEFAULT_CAR, type SessionPlan } from './session-plan.js';
import { cutToWindow, instantOfWall, type SimulatedWindow, wallMs, windowEndMs } from './simulated-window.js';
import { CHANGEOVER_MS } from './station-assignment.js';

/*
 * Shapes of home charging, counted in the sessions of batteries of 20 kWh and more that lasted a day at most
 * (about 22,000) of: Å. L. Sørensen, I. Sartori, K. B. Lindberg, I. Andresen, "Electric vehicle charging
 * dataset with 35,000 charging sessions from 12 residential locations in Norway", Data in Brief 57 (2024)
 * 110883, doi 10.5281/zenodo.13896176, CC BY 4.0. Deciles run from 0 % to 100 %; the ends are cut by hand.
 */
/** Plug-ins per hour of day, per mille. */
const ARRIVALS = [25, 14, 10, 7, 6, 3, 5, 9, 16, 15, 19, 26, 29, 38, 60, 82, 112, 88, 75, 83, 86, 80, 72, 41];
/** Share of them that stays over night, per hour of arrival. */
const OVERNIGHT = [
  0.95, 0.95, 0.94, 0.99, 0, 0, 0.01, 0.01, 0.01, 0.02, 0.05, 0.07, 0.17, 0.25, 0.43, 0.41, 0.55, 0.61, 0.66,
  0.75, 0.84, 0.9, 0.93, 0.93,
];
/** Hour of day at which who stayed over night leaves. */
const DEPARTURE_HOUR = [5.5, 6.6, 7.1, 7.5, 7.9, 8.7, 9.8, 11.1, 12.5, 14.3, 16];
/** Length of the other stays, h. */
const SHORT_STAY_HOURS = [0.3, 0.6, 1, 1.5, 1.9, 2.4, 2.9, 3.6, 4.6, 6.2, 9];
/** Energy charged as a share of the battery's capacity. */
const ENERGY_SHARE = [0.02, 0.07, 0.12, 0.17, 0.22, 0.28, 0.35, 0.44, 0.54, 0.65, 0.75];
/** Capacity of the users' batteries, kWh. */
const CAPACITY_KWH = [21, 23.5, 25.3, 28.4, 35.7, 40.1, 52.3, 59, 68.7, 77.5, 97];

/** V2G drivers are paid for being there: they plug in whenever they park, up to three times a day. Our assumption. */
const STAYS_PER_DAY = 3;
/** Nobody asks for more than this share of what full power gives in the stay. Our assumption. */
const FEASIBLE_SHARE = 0.8;
/** Generated drivers want the usual daily limit. Our assumption. */
const TARGET_SOC = 0.8;
const LEAST_SOC = 0.05;
const SHORTEST_STAY_MS = 15 * MS_PER_MINUTE;

export interface GeneratorOptions {
  readonly seed: number;
  readonly stations: number;
  readonly window: SimulatedWindow;
  readonly car?: CarAssumptions;
}

/**
 * Sessions of invented drivers, one car per station, drawn from published shapes of home charging. The same
 * seed gives the same sessions; another number of stations leaves the others' as they are.
 */
export function generateSessions(options: GeneratorOptions): SessionPlan[][] {
  return Array.from({ length: options.stations }, (_, station) => {
    const random = seededRandom(seedOf(options.seed, `driver ${station}`));
    return cutToWindow(sessionsOfDriver(station, random, options), options.window, station);
  });
}

function sessionsOfDriver(
  station: number,
  random: Random,
  { window, car = DEFAULT_CAR }: GeneratorOptions,
): SessionPlan[] {
  const { timeZone } = window;
  const capacityKwh = Math.round(drawFrom(CAPACITY_KWH, random) * 10) / 10;
  const battery = assumedBattery(capacityKwh, car);
  const targetKwh = TARGET_SOC * capacityKwh;
  const dayMs = 24 * MS_PER_HOUR;
  const midnight = (wall: number) => Math.floor(wall / dayMs) * dayMs;
  const lastWall = wallMs(windowEndMs(window), timeZone);
  const sessions: SessionPlan[] = [];
  let freeAtWall = Number.NEGATIVE_INFINITY;
  for (let day = midnight(wallMs(window.startMs, timeZone)) - dayMs; day < lastWall; day += dayMs) {
    const stays = Array.from({ length: STAYS_PER_DAY }, () => drawStay(day, random));
    for (const { fromWall, toWall } of stays.sort((a, b) => a.fromWall - b.fromWall)) {
      const wishedKwh = drawFrom(ENERGY_SHARE, random) * capacityKwh;
      if (fromWall < freeAtWall + CHANGEOVER_MS) continue;
      freeAtWall = toWall;
      const possibleKwh =
        (battery.maxChargeKw * battery.chargeEfficiency * (toWall - fromWall)) / MS_PER_HOUR;
      const energyKwh = Math.min(wishedKwh, FEASIBLE_SHARE * possibleKwh);
      sessions.push({
        sessionId: `generated-${station + 1}-${new Date(fromWall).toISOString().slice(0, 16)}`,
        userId: `driver-${String(station + 1).padStart(4, '0')}`,
        plugInMs: instantOfWall(fromWall, timeZone),
        plugOutMs: instantOfWall(toWall, timeZone),
        battery,
        arrivalKwh: Math.max(LEAST_SOC * capacityKwh, targetKwh - energyKwh),
        targetKwh,
        bidirectional: true,
        assumptions: ['generated from published shapes'],
      });
    }
  }
  return sessions;
}

/** A stay that begins on a day, wall-clock ms, whole seconds. */
function drawStay(dayWall: number, random: Random): { fromWall: number; toWall: number } {
  const hour = weightedIndex(random, ARRIVALS);
  const fromWall = dayWall + wholeSeconds((hour + random()) * MS_PER_HOUR);
  const overnight = random() < (OVERNIGHT[hour] ?? 0);
  const departureHour = drawFrom(DEPARTURE_HOUR, random) + normal(random, 0, 0.1);
  const shortMs = drawFrom(SHORT_STAY_HOURS, random) * MS_PER_HOUR;
  // Who comes after midnight leaves the same morning.
  const nextMorning = dayWall + (hour < 4 ? 0 : 24 * MS_PER_HOUR) + departureHour * MS_PER_HOUR;
  const toWall = wholeSeconds(overnight ? nextMorning : fromWall + shortMs);
  return { fromWall, toWall: Math.max(toWall, fromWall + SHORTEST_STAY_MS) };
}

const wholeSeconds = (ms: number) => Math.round(ms / 1000) * 1000;

/** Inverse of a distribution given by its deciles (11 numbers), straight between them. */
function drawFrom(deciles: readonly number[], random: Random): number {
  const place = random() * (deciles.length - 1);
  const below = deciles[Math.floor(place)] ?? 0;
  const above = deciles[Math.floor(place) + 1] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}
