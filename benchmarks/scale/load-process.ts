import { LightStation } from '../../test/support/light-station.js';
import type { LoadAnswer, LoadOrder } from './load-messages.js';

/** Stations that shake hands at the same time in one process. */
const CONNECTING_AT_ONCE = 100;

const stations: LightStation[] = [];
let taken = new Map<string, number>();
let latencies: number[] = [];
let failures = 0;
let metering = false;

const listener = {
  registered: () => undefined,
  profileTaken: (station: string, atMs: number) => taken.set(station, atMs),
  answered(action: string, tookMs: number, failed: boolean) {
    if (failed) failures += 1;
    if (action === 'TransactionEvent') latencies.push(tookMs);
  },
};

async function inParts(work: (station: LightStation) => Promise<unknown>): Promise<number[]> {
  const startedMs = Date.now();
  const doneMs: number[] = [];
  let next = 0;
  const worker = async () => {
    for (let station = stations[next++]; station !== undefined; station = stations[next++]) {
      await work(station);
      doneMs.push(Date.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, worker));
  return doneMs;
}

/** Sends meter messages at `perSecond`, one under way per station at most, for `seconds`. */
async function meterFor(seconds: number, perSecond: number): Promise<number> {
  metering = true;
  const endMs = performance.now() + seconds * 1000;
  const startedMs = performance.now();
  let [sent, acknowledged, next] = [0, 0, 0];
  const busy = new Set<LightStation>();
  await new Promise<void>((resolve) => {
    const tick = () => {
      const nowMs = performance.now();
      if (nowMs >= endMs || !metering) {
        resolve();
        return;
      }
      const due = Math.floor(((nowMs - startedMs) / 1000) * perSecond);
      for (let tries = 0; sent < due && tries < stations.length; tries += 1) {
        const station = stations[next % stations.length] as LightStation;
        next += 1;
        if (busy.has(station)) continue;
        busy.add(station);
        sent += 1;
        station.meter().then(
          () => {
            if (performance.now() < endMs) acknowledged += 1;
            busy.delete(station);
          },
          () => busy.delete(station),
        );
      }
      setTimeout(tick, 5);
    };
    tick();
  });
  return acknowledged / seconds;
}

async function obey(order: LoadOrder): Promise<LoadAnswer> {
  switch (order.kind) {
    case 'boot':
      for (let index = 0; index < order.count; index += 1) {
        stations.push(new LightStation(`CS-${String(order.first + index).padStart(5, '0')}`, listener));
      }
      return { kind: 'times', ms: await inParts((station) => station.start(order.url)) };
    case 'plug-in':
      return { kind: 'times', ms: await inParts((station) => station.plugIn(order.departureMs)) };
    case 'meter': {
      latencies = [];
      const perSecond = await meterFor(order.seconds, order.perSecond);
      return { kind: 'rate', perSecond, latenciesMs: latencies, failures };
    }
    case 'stop-meter':
      metering = false;
      return { kind: 'done' };
    case 'forget':
      taken = new Map();
      return { kind: 'done' };
    case 'taken':
      return { kind: 'taken', atMs: [...taken] };
    case 'stop':
      for (const station of stations) station.stop();
      return { kind: 'done' };
  }
}

process.on('message', (message) => {
  const { id, order } = message as { id: number; order: LoadOrder };
  obey(order).then(
    (answer) => process.send?.({ id, answer }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
