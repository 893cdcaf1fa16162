import type { AwardShortage, Bid } from '../../../src/domain/bid.js';
import type { DispatchOrder } from '../../../src/domain/dispatch.js';
import { EbbflowError } from '../../../src/domain/errors.js';
import type { EvseRecord } from '../../../src/domain/evse-record.js';
import type { BidId, DispatchId, EvseId, SiteId, StationId, TransactionId } from '../../../src/domain/ids.js';
import { type LedgerEntry, subjectIdOf } from '../../../src/domain/ledger.js';
import type { Plan } from '../../../src/domain/plan.js';
import type { AcknowledgedProfile, DesiredProfile } from '../../../src/domain/profile.js';
import type { ProofLink } from '../../../src/domain/proof.js';
import type { IntervalEnergy, Reading } from '../../../src/domain/reading.js';
import type { ApiKeyRecord } from '../../../src/domain/role.js';
import type { Session } from '../../../src/domain/session.js';
import type { SignedValue } from '../../../src/domain/signed-value.js';
import type { DeviceVariable, Site, Station } from '../../../src/domain/station.js';
import type { DriverContract, Tariff } from '../../../src/domain/tariff.js';
import { coverageOf } from '../../../src/engine/settlement/meter-coverage.js';
import type { PoolEnergy, PriceSlot, Store } from '../../../src/ports/store.js';

/**
 * The store port kept in plain memory: what was written is a copy, as it is on a disk. `failing` makes every
 * write reject as a database that is away does.
 */
export interface MemoryStore extends Store {
  failing: boolean;
  readonly idleReadings: { readonly evseId: EvseId; readonly readings: readonly Reading[] }[];
  readonly savedPlans: readonly Plan[];
}

interface EventRow {
  readonly seqNo: number;
  readonly receivedAtMs: number;
  readonly readings: readonly Reading[];
  readonly signedValues: readonly SignedValue[];
}

export function createMemoryStore(): MemoryStore {
  const stations = new Map<StationId, Station>();
  const hashes = new Map<StationId, string | null>();
  const models = new Map<StationId, readonly DeviceVariable[]>();
  const evseRecords = new Map<EvseId, EvseRecord>();
  const sites = new Map<SiteId, Site>();
  const sessions = new Map<TransactionId, Session>();
  const events = new Map<TransactionId, EventRow[]>();
  const intervals = new Map<TransactionId, Map<number, IntervalEnergy>>();
  const plans: Plan[] = [];
  const desired = new Map<EvseId, DesiredProfile>();
  const acknowledged = new Map<EvseId, AcknowledgedProfile>();
  const prices = new Map<string, PriceSlot>();
  const orders = new Map<DispatchId, DispatchOrder>();
  const orderKeys = new Map<string, { dispatchId: DispatchId; requestHash: string }>();
  const bids = new Map<BidId, Bid>();
  const shortages = new Map<string, AwardShortage>();
  const ledgerEntries: LedgerEntry[] = [];
  const settlementDocuments = {
    tariff: new Map<string, Tariff>(),
    contract: new Map<string, DriverContract>(),
  };
  const proofLinks: ProofLink[] = [];
  const notedProfiles = new Map<string, AcknowledgedProfile>();
  const apiKeys = new Map<string, ApiKeyRecord>();
  const idleReadings: MemoryStore['idleReadings'] = [];

  const copy = <T>(value: T): T => structuredClone(value);
  const answering = async (): Promise<void> => {
    if (store.failing) throw new EbbflowError('STORE_UNAVAILABLE', 'the store is away');
  };

  function addIntervals(transactionId: TransactionId, added: readonly IntervalEnergy[]): void {
    const books = intervals.get(transactionId) ?? new Map<number, IntervalEnergy>();
    intervals.set(transactionId, books);
    for (const interval of added) {
      const sum = books.get(interval.startMs);
      books.set(interval.startMs, {
        ...interval,
        importWh: interval.importWh + (sum?.importWh ?? 0),
        exportWh: interval.exportWh + (sum?.exportWh ?? 0),
      });
    }
  }

  const allIntervals = (): IntervalEnergy[] =>
    [...intervals.values()].flatMap((books) => [...books.values()]);

  const store: MemoryStore = {
    failing: false,
    idleReadings,
    savedPlans: plans,
    stations: {
      async list() {
        return copy([...stations.values()]);
      },
      async get(stationId) {
        return copy(stations.get(stationId));
      },
      async save(station) {
        await answering();
        stations.set(station.stationId, copy(station));
        if (!hashes.has(station.stationId)) hashes.set(station.stationId, null);
      },
      async passwordHash(stationId) {
        await answering();
        return hashes.get(stationId);
      },
      async setPasswordHash(stationId, hash) {
        await answering();
        hashes.set(stationId, hash);
      },
      async saveDeviceModel(stationId, rows) {
        await answering();
        models.set(stationId, copy(rows));
      },
      async deviceModel(stationId) {
        return copy([...(models.get(stationId) ?? [])]);
      },
      async deviceModels() {
        return new Map([...models].map(([stationId, rows]) => [stationId, copy([...rows])]));
      },
      async saveEvseRecords(records) {
        await answering();
        for (const record of records) evseRecords.set(record.evseId, copy(record));
      },
      async evseRecords() {
        return copy([...evseRecords.values()]);
      },
    },
    sites: {
      async list() {
        return copy([...sites.values()]);
      },
      async save(site) {
        await answering();
        sites.set(site.siteId, copy(site));
      },
    },
    sessions: {
      async recordEvent(record) {
        await answering();
        const { event, session } = record;
        const rows = events.get(event.transactionId) ?? [];
        if (rows.some((row) => row.seqNo === event.seqNo)) return { duplicate: true };
        events.set(event.transactionId, [
          ...rows,
          copy({
            seqNo: event.seqNo,
            receivedAtMs: record.receivedAtMs,
            readings: event.readings,
            signedValues: event.signedValues ?? [],
          }),
        ]);
        sessions.set(session.transactionId, copy(session));
        if (record.replaceIntervals) intervals.delete(session.transactionId);
        addIntervals(session.transactionId, record.intervals);
        return { duplicate: false };
      },
      async save(session) {
        await answering();
        sessions.set(session.transactionId, copy(session));
      },
      async get(transactionId) {
        await answering();
        return copy(sessions.get(transactionId));
      },
      async active() {
        return copy([...sessions.values()].filter((session) => session.state === 'active'));
      },
      async list({ fromMs, toMs, state, limit }) {
        return copy(
          [...sessions.values()]
            .filter((session) => state === undefined || session.state === state)
            .filter((session) => toMs === undefined || session.startedAtMs < toMs)
            .filter(
              (session) =>
                fromMs === undefined || session.endedAtMs === undefined || session.endedAtMs > fromMs,
            )
            .sort((a, b) => b.startedAtMs - a.startedAtMs)
            .slice(0, limit),
        );
      },
      async readings(transactionId) {
        return copy(
          [...(events.get(transactionId) ?? [])]
            .sort((a, b) => a.seqNo - b.seqNo)
            .flatMap((row) => row.readings)
            .sort((a, b) => a.atMs - b.atMs),
        );
      },
      async eventNumbers(transactionId) {
        return (events.get(transactionId) ?? []).map((row) => row.seqNo).sort((a, b) => a - b);
      },
      async signedValues(transactionId) {
        const rows = [...(events.get(transactionId) ?? [])].sort((a, b) => a.seqNo - b.seqNo);
        return copy(rows.flatMap((row) => row.signedValues));
      },
      async recordIdleReadings(evseId, readings) {
        await answering();
        idleReadings.push(copy({ evseId, readings }));
      },
      async intervals({ fromMs, toMs, transactionId }) {
        return allIntervals()
          .filter((interval) => interval.startMs >= fromMs && interval.startMs < toMs)
          .filter((interval) => transactionId === undefined || interval.transactionId === transactionId)
          .sort((a, b) => a.startMs - b.startMs || (a.transactionId < b.transactionId ? -1 : 1));
      },
      async poolBooks({ fromMs, toMs, evseIds }) {
        const sums = new Map<number, PoolEnergy>();
        for (const { evseId, startMs, importWh, exportWh } of allIntervals()) {
          if (startMs < fromMs || startMs >= toMs) continue;
          if (evseIds !== undefined && !evseIds.includes(evseId)) continue;
          const sum = sums.get(startMs);
          sums.set(startMs, {
            startMs,
            importWh: importWh + (sum?.importWh ?? 0),
            exportWh: exportWh + (sum?.exportWh ?? 0),
            dischargeWh: Math.max(0, exportWh - importWh) + (sum?.dischargeWh ?? 0),
          });
        }
        return [...sums.values()].sort((a, b) => a.startMs - b.startMs);
      },
      async coverage({ fromMs, toMs, longestGapMs }) {
        return [...events]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .flatMap(([transactionId, rows]) => {
            const near = rows
              .flatMap((row) => row.readings)
              .filter(({ atMs }) => atMs >= fromMs - longestGapMs && atMs <= toMs + longestGapMs);
            return coverageOf(near, longestGapMs).map((stretch) => ({ transactionId, ...stretch }));
          });
      },
      async readingsAt({ instants, withinMs }) {
        return [...events].flatMap(([transactionId, rows]) => {
          const registers = rows
            .flatMap((row) => row.readings)
            .filter(
              ({ importRegisterWh, exportRegisterWh }) =>
                (importRegisterWh ?? exportRegisterWh) !== undefined,
            );
          return instants
            .filter((instantMs) => registers.some(({ atMs }) => Math.abs(atMs - instantMs) <= withinMs))
            .map((instantMs) => ({ transactionId, instantMs }));
        });
      },
      async receivedReadings({ fromMs, toMs }) {
        return copy(
          [...events]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .flatMap(([transactionId, rows]) =>
              rows
                .flatMap(({ seqNo, receivedAtMs, readings }) =>
                  readings.map((reading) => ({ transactionId, seqNo, receivedAtMs, reading })),
                )
                .filter(({ reading }) => reading.atMs >= fromMs && reading.atMs <= toMs)
                .sort((a, b) => a.reading.atMs - b.reading.atMs || a.seqNo - b.seqNo),
            ),
        );
      },
      async totals() {
        let importWh = 0;
        let exportWh = 0;
        for (const interval of allIntervals()) {
          importWh += interval.importWh;
          exportWh += interval.exportWh;
        }
        return { importWh, exportWh };
      },
    },
    plans: {
      async save(plan) {
        await answering();
        plans.push(copy(plan));
      },
      async latest() {
        return copy(plans.at(-1));
      },
      async plannedNetKw(fromMs, toMs) {
        const slots = new Map<number, { startMs: number; slotMinutes: number; netKw: number }>();
        for (const plan of plans) {
          const slotMs = plan.slotMinutes * 60_000;
          plan.netKw.forEach((netKw, slot) => {
            const startMs = plan.startMs + slot * slotMs;
            if (startMs + slotMs <= fromMs || startMs >= toMs || plan.createdAtMs >= startMs + slotMs) return;
            slots.set(startMs, { startMs, slotMinutes: plan.slotMinutes, netKw });
          });
        }
        return [...slots.values()].sort((a, b) => a.startMs - b.startMs);
      },
      async curves({ fromMs, toMs }) {
        const before = plans.filter((plan) => plan.createdAtMs <= fromMs).map((plan) => plan.createdAtMs);
        const firstMs = Math.max(...before, Number.NEGATIVE_INFINITY);
        return copy(
          plans
            .filter(({ createdAtMs }) => createdAtMs >= firstMs && createdAtMs < toMs)
            .map(({ planId, createdAtMs, startMs, slotMinutes, netKw }) => ({
              planId,
              createdAtMs,
              startMs,
              slotMinutes,
              netKw,
            })),
        );
      },
      async plannedKwOf(evseIds, fromMs, toMs) {
        const sums = new Map<number, { startMs: number; slotMinutes: number; netKw: number }>();
        for (const evseId of evseIds) {
          const slots = new Map<number, number>();
          for (const plan of plans) {
            const slotMs = plan.slotMinutes * 60_000;
            const session = plan.sessions.find((planned) => planned.evseId === evseId);
            const made = Math.floor((plan.createdAtMs - plan.startMs) / slotMs);
            for (const slot of session === undefined ? [] : [made, made + 1]) {
              slots.set(plan.startMs + slot * slotMs, session?.netKw[slot - session.firstSlot] ?? 0);
            }
          }
          for (const [startMs, netKw] of slots) {
            if (startMs < fromMs || startMs >= toMs) continue;
            const slotMinutes = plans.at(-1)?.slotMinutes ?? 0;
            sums.set(startMs, { startMs, slotMinutes, netKw: netKw + (sums.get(startMs)?.netKw ?? 0) });
          }
        }
        return [...sums.values()].sort((a, b) => a.startMs - b.startMs);
      },
    },
    profiles: {
      async saveDesired(profiles) {
        await answering();
        for (const profile of profiles) {
          if (profile.revision > (desired.get(profile.evseId)?.revision ?? 0))
            desired.set(profile.evseId, copy(profile));
        }
      },
      async desired(evseId) {
        await answering();
        return copy(desired.get(evseId));
      },
      async allDesired() {
        return copy([...desired.values()]);
      },
      async saveAcknowledged(word) {
        await answering();
        if (word.revision >= (acknowledged.get(word.evseId)?.revision ?? 0))
          acknowledged.set(word.evseId, copy(word));
      },
      async acknowledged(evseId) {
        return copy(acknowledged.get(evseId));
      },
      async allAcknowledged() {
        return copy([...acknowledged.values()]);
      },
    },
    prices: {
      async save(series, knownAtMs) {
        await answering();
        let changed = 0;
        series.importPerKwh.forEach((importPerKwh, slot) => {
          const { zone, currency, slotMinutes, kind = 'day-ahead', source, revision } = series;
          const startMs = series.startMs + slot * slotMinutes * 60_000;
          const exportPerKwh = series.exportPerKwh[slot] ?? 0;
          const known = prices.get(`${kind}|${zone}|${startMs}`);
          if (known?.importPerKwh === importPerKwh && known.exportPerKwh === exportPerKwh) return;
          changed += 1;
          const said = {
            ...(source === undefined ? {} : { source }),
            ...(revision === undefined ? {} : { revision }),
          };
          prices.set(`${kind}|${zone}|${startMs}`, {
            ...{ kind, zone, currency, startMs, slotMinutes, importPerKwh, exportPerKwh, knownAtMs },
            ...said,
          });
        });
        return changed;
      },
      async slots({ kind = 'day-ahead', zone, fromMs, toMs }) {
        return [...prices.values()]
          .filter((slot) => slot.kind === kind && (zone === undefined || slot.zone === zone))
          .filter((slot) => slot.startMs < toMs && slot.startMs + slot.slotMinutes * 60_000 > fromMs)
          .sort((a, b) => a.startMs - b.startMs);
      },
    },
    dispatches: {
      async insert(order, idempotencyKey, requestHash) {
        await answering();
        const known = orderKeys.get(idempotencyKey);
        if (known !== undefined)
          return {
            order: copy(orders.get(known.dispatchId)!),
            existing: true,
            requestHash: known.requestHash,
          };
        orderKeys.set(idempotencyKey, { dispatchId: order.dispatchId, requestHash });
        orders.set(order.dispatchId, copy(order));
        return { order, existing: false, requestHash };
      },
      async findByKey(idempotencyKey) {
        const known = orderKeys.get(idempotencyKey);
        if (known === undefined) return undefined;
        return { order: copy(orders.get(known.dispatchId)!), requestHash: known.requestHash };
      },
      async save(order) {
        await answering();
        orders.set(order.dispatchId, copy(order));
      },
      async get(dispatchId) {
        return copy(orders.get(dispatchId));
      },
      async list({ fromMs, toMs }) {
        return copy([...orders.values()].filter((order) => order.startMs < toMs && order.endMs > fromMs));
      },
    },
    bids: {
      async insert(bid) {
        await answering();
        bids.set(bid.bidId, copy(bid));
      },
      async save(bid) {
        await answering();
        bids.set(bid.bidId, copy(bid));
      },
      async get(bidId) {
        return copy(bids.get(bidId));
      },
      async list({ fromMs, toMs }) {
        return copy([...bids.values()].filter((bid) => bid.startMs < toMs && bid.endMs > fromMs));
      },
      async noteShortages(noted) {
        await answering();
        for (const shortage of noted) {
          const key = `${shortage.bidId}|${shortage.startMs}`;
          const missingKw = Math.max(shortages.get(key)?.missingKw ?? 0, shortage.missingKw);
          shortages.set(key, { ...shortage, missingKw });
        }
      },
      async shortages(bidId) {
        return copy([...shortages.values()].filter((shortage) => shortage.bidId === bidId)).sort(
          (a, b) => a.startMs - b.startMs,
        );
      },
    },
    ledger: {
      async book(subjectIds, build, seal) {
        await answering();
        const wanted = new Set<string | undefined>(subjectIds);
        const entries = build(copy(ledgerEntries.filter((entry) => wanted.has(subjectIdOf(entry)))));
        if (entries.length > 0) proofLinks.push(copy(seal(entries, copy(proofLinks.at(-1)))));
        ledgerEntries.push(...copy([...entries]));
        return entries;
      },
      async unsealedRuns() {
        const sealed = new Set(
          proofLinks.flatMap(({ kind, subject }) => (kind === 'settlement' ? [subject] : [])),
        );
        return [...new Set(ledgerEntries.map(({ runId }) => runId))].filter((runId) => !sealed.has(runId));
      },
      async entries({ fromMs, toMs }) {
        return copy(ledgerEntries.filter(({ startMs }) => startMs >= fromMs && startMs < toMs));
      },
      async ofRun(runId) {
        return copy(ledgerEntries.filter((entry) => entry.runId === runId));
      },
      async saveDocument(kind, document) {
        await answering();
        const documents: Map<string, unknown> = settlementDocuments[kind];
        documents.set(document.id, copy(document));
      },
      async documents(kind) {
        return copy([...settlementDocuments[kind].values()].sort((a, b) => (a.id < b.id ? -1 : 1))) as never;
      },
    },
    proofs: {
      async append(build) {
        await answering();
        const links = build(copy(proofLinks.at(-1)));
        proofLinks.push(...copy([...links]));
        return links;
      },
      async after(seq, limit) {
        return copy(proofLinks.filter((link) => link.seq > seq).slice(0, limit));
      },
      async of(kind, subject) {
        return copy(
          proofLinks.filter(
            (link) =>
              link.kind === kind && (link.subject === subject || link.subject.startsWith(`${subject}/`)),
          ),
        );
      },
      async noteProfiles(words) {
        await answering();
        for (const word of words) {
          const key = `${word.evseId}|${String(word.revision).padStart(9, '0')}|${word.atMs}`;
          if (!notedProfiles.has(key)) notedProfiles.set(key, copy(word));
        }
      },
      async notedProfiles({ fromMs, toMs }) {
        return copy(
          [...notedProfiles]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([, word]) => word)
            .filter(({ atMs, profile }) => atMs < toMs && profile.validToMs > fromMs),
        );
      },
    },
    apiKeys: {
      async save(record, hash) {
        await answering();
        apiKeys.set(hash, record);
      },
      async findByHash(hash) {
        return apiKeys.get(hash);
      },
      async list() {
        return [...apiKeys.values()];
      },
      async remove(keyId) {
        const found = [...apiKeys].find(([, record]) => record.keyId === keyId);
        return found !== undefined && apiKeys.delete(found[0]);
      },
    },
    ping: answering,
    async close() {},
  };
  return store;
}
