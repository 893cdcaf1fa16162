import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../../src/domain/ledger.js';
import { sumOfAmounts } from '../../../src/domain/ledger.js';
import type { DriverContract, Tariff } from '../../../src/domain/tariff.js';
import { verifyProofs } from '../../../src/engine/settlement/verify-proofs.js';
import { createSecrets } from '../../../src/secrets.js';
import { type EngineRig, hourlyPrices, startRig } from '../../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS, NOON_MS } from '../../support/engine/fixtures.js';
import { sampleBid } from '../../support/store-samples.js';

const TARIFF: Tariff = {
  version: 1,
  id: 'de',
  currency: 'EUR',
  timeZone: 'Europe/Berlin',
  validFrom: '2026-01-01',
  importParts: [
    { id: 'energy', kind: 'market' },
    { id: 'grid-fee', kind: 'fixed', perKwh: 0.1 },
  ],
  exportParts: [{ id: 'energy', kind: 'market' }],
  refund: { parts: ['grid-fee'] },
};
const CONTRACT: DriverContract = {
  version: 1,
  id: 'drivers',
  currency: 'EUR',
  timeZone: 'Europe/Berlin',
  validFrom: '2026-01-01',
  wearPerKwh: 0.05,
  driverFraction: { capacity: 0.5, activation: 0.5, arbitrage: 0.5 },
  activationPerKwh: 0.4,
};
const SPAN = { fromMs: NOON_MS, toMs: NOON_MS + 4 * HOUR_MS };

/** One session: an hour of 6 kW in, half an hour idle, half an hour of 6 kW out, ended and closed. */
async function ended(): Promise<EngineRig> {
  const rig = await startRig();
  await rig.engine.useCases.putPrices(hourlyPrices(Array(12).fill(0.2), Array(12).fill(0.3)));
  const station = await rig.commission();
  await rig.plugIn(station, 'tx-1', null);
  let seqNo = 0;
  const meter = async (minutes: number, importKw: number, exportKw: number, last = false) => {
    for (let minute = 1; minute <= minutes; minute += 1) {
      await rig.advance(MINUTE_MS);
      registers.importRegisterWh += (importKw * 1000) / 60;
      registers.exportRegisterWh += (exportKw * 1000) / 60;
      seqNo += 1;
      await rig.meter(
        station,
        'tx-1',
        seqNo,
        { ...registers },
        last && minute === minutes ? 'ended' : 'updated',
      );
    }
  };
  const registers = { importRegisterWh: 1000, exportRegisterWh: 500 };
  await meter(60, 6, 0);
  await meter(30, 0, 0);
  await meter(30, 0, 6, true);
  await rig.advance(NOON_MS + 5 * HOUR_MS - rig.clock.nowMs());
  return rig;
}
const linesOf = (entries: readonly LedgerEntry[]) => entries.filter(({ subject }) => subject === 'line');
const whOf = (entries: readonly LedgerEntry[]) =>
  entries.reduce(
    (sum, { importWh, exportWh }) => ({
      importWh: sum.importWh + importWh,
      exportWh: sum.exportWh + exportWh,
    }),
    { importWh: 0, exportWh: 0 },
  );

describe('a settlement run', () => {
  it('books every quarter-hour of closed sessions once, and what the session earned', async () => {
    const rig = await ended();
    const { useCases } = rig.engine;
    await useCases.saveTariff(TARIFF);
    await useCases.saveContract(CONTRACT);
    const run = await useCases.runSettlement(SPAN);
    expect(run).toMatchObject({ sessions: 1, openSessions: 0, unpriced: [] });
    expect(whOf(run.entries)).toEqual({ importWh: 6000, exportWh: 3000 });
    // 6 kWh at 20 + 10 ct, 3 kWh back at 30 ct, and their grid fee given back.
    expect(sumOfAmounts(linesOf(run.entries))).toEqual({
      'import.energy': 120,
      'import.grid-fee': 60,
      'export.energy': -90,
      'refund.grid-fee': -30,
    });
    const [share] = run.entries.filter(({ subject }) => subject === 'share');
    const total = Object.values(share?.amounts ?? {}).reduce((sum, minor) => sum + minor, 0);
    // Without us: 6 − 3 / 0.92² kWh at 30 ct. With us: 60 cents. The wear is 15 cents.
    expect(total).toBe(Math.round((6 - 3 / 0.92 ** 2) * 30) - 60);
    expect(share?.amounts).toMatchObject({ 'driver.wear': 15 });
    expect(await useCases.ledger(SPAN)).toEqual(run.entries);
    expect((await useCases.runSettlement(SPAN)).entries).toEqual([]);
    expect(await useCases.ledger(SPAN)).toEqual(run.entries);
    const kinds = (await rig.store.proofs.after(0, 9)).map(({ kind }) => kind);
    expect(kinds).toEqual(['settlement']);
    expect((await useCases.verifyProofs({})).broken).toBeNull();
    // Entries that a crash of an earlier version left without their link do not pass.
    const { store } = rig;
    const torn = { ...store, ledger: { ...store.ledger, unsealedRuns: async () => ['run-9'] } };
    expect((await verifyProofs(torn, createSecrets().digest)).broken).toMatchObject({
      seq: 2,
      fault: 'settlement: the entries of run run-9 have no link',
    });
  });

  it('after prices were revised books the difference, and rewrites nothing', async () => {
    const { useCases } = (await ended()).engine;
    await useCases.saveTariff(TARIFF);
    const first = await useCases.runSettlement(SPAN);
    await useCases.putPrices(hourlyPrices(Array(12).fill(0.25), Array(12).fill(0.3)));
    const second = await useCases.runSettlement(SPAN);
    expect(new Set(second.entries.map(({ kind }) => kind))).toEqual(new Set(['correction']));
    expect(sumOfAmounts(second.entries)).toEqual({ 'import.energy': 30 });
    expect(whOf(second.entries)).toEqual({ importWh: 0, exportWh: 0 });
    expect(await useCases.ledger(SPAN)).toEqual([...first.entries, ...second.entries]);
  });

  it('comes by itself after prices were revised, for what is booked and nothing else', async () => {
    const rig = await ended();
    const { useCases } = rig.engine;
    await useCases.saveTariff(TARIFF);
    await useCases.saveContract(CONTRACT);
    const part = { fromMs: SPAN.fromMs, toMs: SPAN.toMs };
    const first = await useCases.runSettlement(part);
    const share = (entries: readonly LedgerEntry[]) => entries.filter(({ subject }) => subject === 'share');
    expect(share(first.entries)).toHaveLength(1);
    // The first hour gets dearer: 6 kWh were taken in it.
    await useCases.putPrices(hourlyPrices([0.3]));
    await useCases.putPrices(hourlyPrices([0.25], [0.3]));
    await rig.advance(10_000);
    const ledger = await useCases.ledger(SPAN);
    const added = ledger.slice(first.entries.length);
    expect(ledger.slice(0, first.entries.length)).toEqual(first.entries);
    expect(added.length).toBeGreaterThan(0);
    expect(added.every(({ kind }) => kind === 'correction')).toBe(true);
    expect(new Set(added.map(({ runId }) => runId)).size).toBe(1);
    expect(sumOfAmounts(linesOf(added))).toMatchObject({ 'import.energy': 30 });
    // Arbitrage: both worlds charged in that hour, so both got dearer.
    expect(share(added).length).toBe(1);
    expect(rig.alarms().filter((code) => code === 'settlement-revised')).toHaveLength(1);
    expect((await useCases.verifyProofs({})).broken).toBeNull();
    const before = await useCases.ledger(SPAN);
    expect((await useCases.runSettlement(part)).entries).toEqual([]);
    await useCases.putPrices(hourlyPrices([0.5], [0.5], rig.clock.nowMs() + HOUR_MS));
    await rig.advance(10_000);
    expect(await useCases.ledger(SPAN)).toEqual(before);
  });

  it('books an awarded block once, with what is cut off it, and the difference once more is known', async () => {
    const rig = await ended();
    const { useCases } = rig.engine;
    const sample = sampleBid('bid-1');
    const penalty = { capacityCut: true, energyPrice: 'none' as const, factor: 1 };
    await rig.store.bids.insert({
      ...sample,
      product: { ...sample.product, direction: 'up', currency: 'EUR', penalty },
      startMs: NOON_MS,
      endMs: NOON_MS + HOUR_MS,
      award: { kw: 10, pricePerKwPerHour: 0.333, awardedAtMs: 0, awardedBy: 't' },
    });
    const { bidId } = sample;
    const noted = [0, 4, 0].map((missingKw, quarter) => ({
      bidId,
      startMs: NOON_MS + quarter * 15 * MINUTE_MS,
      missingKw,
    }));
    await rig.store.bids.noteShortages(noted);
    const run = await useCases.runSettlement(SPAN);
    const award = run.entries.filter(({ subject }) => subject === 'award');
    // 10 kW for an hour; 4 kW are missing in a quarter of it, and of another nobody knows.
    expect(award).toMatchObject([
      { bidId, transactionId: null, amounts: { 'award.capacity': -333, 'award.cut': 117 } },
    ]);
    expect((await useCases.runSettlement(SPAN)).entries).toEqual([]);
    await rig.store.bids.noteShortages([{ bidId, startMs: NOON_MS, missingKw: 10 }]);
    const corrected = (await useCases.runSettlement(SPAN)).entries;
    expect(sumOfAmounts(corrected.filter(({ subject }) => subject === 'award'))).toEqual({ 'award.cut': 83 });
    expect(corrected.every(({ kind }) => kind === 'correction')).toBe(true);
    expect((await useCases.verifyProofs({})).broken).toBeNull();
  });

  it('by itself books nothing where nothing was settled', async () => {
    const rig = await ended();
    await rig.engine.useCases.putPrices(hourlyPrices([0.5]));
    await rig.advance(10_000);
    expect(await rig.engine.useCases.ledger(SPAN)).toEqual([]);
  });

  it('after a tariff was revised and a reading came late books what moved from line to line', async () => {
    const rig = await ended();
    const { useCases } = rig.engine;
    await useCases.saveTariff(TARIFF);
    const first = await useCases.runSettlement(SPAN);
    const before = await useCases.ledger(SPAN);
    // All 6 kWh had been drawn in the first half hour: a reading says so that the station had kept.
    const late = {
      atMs: rig.clock.nowMs() - 5 * HOUR_MS + 30 * MINUTE_MS + 1000,
      importRegisterWh: 4900,
      exportRegisterWh: 500,
    };
    const [session] = await useCases.sessions({ limit: 1 });
    await rig.meter(session!.session.stationId, 'tx-1', 500, late);
    const second = await useCases.runSettlement(SPAN);
    expect(second.entries.length).toBeGreaterThan(0);
    expect(second.entries.every(({ kind }) => kind === 'correction')).toBe(true);
    expect((await useCases.ledger(SPAN)).slice(0, before.length)).toEqual(first.entries);
    const books = await rig.store.sessions.intervals(SPAN);
    const exact = books.reduce((sum, { importWh }) => sum + importWh, 0);
    expect(whOf(await useCases.ledger(SPAN)).importWh).toBe(Math.round(exact));
    await useCases.saveTariff({
      ...TARIFF,
      importParts: [{ id: 'energy', kind: 'market' }],
      refund: { parts: ['energy'] },
    });
    await useCases.runSettlement(SPAN);
    const sums = sumOfAmounts(await useCases.ledger(SPAN));
    expect([sums['import.grid-fee'], sums['refund.grid-fee']]).toEqual([0, 0]);
  });

  it('leaves sessions that are not closed, and lines without a price, to a later run', async () => {
    const rig = await ended();
    const { useCases } = rig.engine;
    const station = await rig.commission('cs-2');
    await rig.plugIn(station, 'tx-2', null);
    const later = { fromMs: NOON_MS + 4 * HOUR_MS, toMs: NOON_MS + 6 * HOUR_MS };
    expect(await useCases.runSettlement(later)).toMatchObject({ sessions: 0, openSessions: 1, entries: [] });
    const bare = await startRig();
    expect(await bare.engine.useCases.runSettlement(SPAN)).toMatchObject({ sessions: 0, entries: [] });
    await expect(useCases.runSettlement({ ...SPAN, fromMs: NOON_MS + 1 })).rejects.toThrow(
      'from: must be a whole quarter-hour',
    );
    await expect(useCases.saveTariff({ ...TARIFF, refund: { parts: ['tax'] } })).rejects.toMatchObject({
      faults: [{ path: 'refund.parts[0]', message: 'tax is no import part' }],
    });
  });
});
