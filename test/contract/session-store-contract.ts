import { beforeAll, describe, expect, it } from 'vitest';
import { asEvseId, asStationId, type EvseId, evseIdOf } from '../../src/domain/ids.js';
import type { Store } from '../../src/ports/store.js';
import {
  fullSession,
  MINUTE_MS,
  NOON_MS,
  SIGNED_VALUE,
  sampleReading,
  sampleRecord,
  sampleSession,
  uniqueName,
} from '../support/store-samples.js';

const QUARTER_MS = 15 * MINUTE_MS;

/** What a store owes the engine about sessions, their events, readings and interval books. */
export function describeSessionStore(opened: () => Store): void {
  let store: Store;
  beforeAll(() => {
    store = opened();
  });

  describe('transaction events', () => {
    it('are on record with session, readings and intervals once the promise resolves', async () => {
      const tx = uniqueName('tx');
      const session = { ...fullSession(tx), lastSeqNo: 0 };
      const readings = [
        {
          ...sampleReading(NOON_MS, 1000.25),
          exportRegisterWh: 3,
          exportKw: 0,
          socFraction: 0.5,
          remarks: ['negative-import' as const],
        },
        { atMs: NOON_MS + 1, context: 'end' as const, importIntervalWh: 12.5, exportIntervalWh: 0 },
      ];
      const record = sampleRecord(tx, 0);
      const event = { ...record.event, readings, signedValues: [SIGNED_VALUE] };
      expect(await store.sessions.recordEvent({ ...record, session, event })).toEqual({ duplicate: false });
      expect(await store.sessions.get(session.transactionId)).toEqual(session);
      expect(await store.sessions.readings(session.transactionId)).toEqual(readings);
      expect(await store.sessions.signedValues(session.transactionId)).toEqual([SIGNED_VALUE]);
      expect(await store.sessions.eventNumbers(session.transactionId)).toEqual([0]);
      expect(await intervalsOf(tx)).toEqual(record.intervals);
    });

    it('that are repeated change nothing and say so', async () => {
      const tx = uniqueName('tx');
      await store.sessions.recordEvent(sampleRecord(tx, 1));
      const again = sampleRecord(tx, 1, { session: sampleSession(tx, { chargingState: 'Charging' }) });
      expect(await store.sessions.recordEvent(again)).toEqual({ duplicate: true });
      const session = await store.sessions.get(again.session.transactionId);
      expect(session).toEqual(sampleRecord(tx, 1).session);
      expect(await store.sessions.readings(again.session.transactionId)).toHaveLength(1);
      expect(await store.sessions.signedValues(again.session.transactionId)).toEqual([]);
      expect((await intervalsOf(tx))[0]?.importWh).toBe(10);
    });

    it('that are repeated at the same moment are recorded once', async () => {
      const tx = uniqueName('tx');
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => store.sessions.recordEvent(sampleRecord(tx, 7))),
      );
      expect(outcomes.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
      expect((await intervalsOf(tx))[0]?.importWh).toBe(10);
    });

    it('of many sessions at once keep the order within each session', async () => {
      const names = Array.from({ length: 40 }, () => uniqueName('tx'));
      const writes = names.flatMap((tx) =>
        Array.from({ length: 25 }, (_, seqNo) => store.sessions.recordEvent(sampleRecord(tx, seqNo))),
      );
      await Promise.all(writes);
      for (const tx of names) {
        const id = sampleSession(tx).transactionId;
        expect((await store.sessions.get(id))?.lastSeqNo).toBe(24);
        expect(await store.sessions.eventNumbers(id)).toEqual(Array.from({ length: 25 }, (_, n) => n));
        expect((await intervalsOf(tx))[0]?.importWh).toBe(250);
      }
    });

    it('add to the books of their intervals, or replace them all', async () => {
      const tx = uniqueName('tx');
      const interval = (startMs: number, importWh: number, exportWh: number) => ({
        transactionId: sampleSession(tx).transactionId,
        evseId: sampleSession(tx).evseId,
        startMs,
        importWh,
        exportWh,
      });
      const record = (
        seqNo: number,
        replaceIntervals: boolean,
        ...intervals: ReturnType<typeof interval>[]
      ) => store.sessions.recordEvent(sampleRecord(tx, seqNo, { intervals, replaceIntervals }));
      await record(0, false, interval(NOON_MS, 10, 0), interval(NOON_MS + QUARTER_MS, 1, 2));
      await Promise.all([
        record(1, false, interval(NOON_MS, 5, 0)),
        record(2, true, interval(NOON_MS, 3, 4)),
        record(3, false, interval(NOON_MS, 1, 1)),
      ]);
      expect(await intervalsOf(tx)).toEqual([interval(NOON_MS, 4, 5)]);
    });

    it('that the store cannot keep fail alone', async () => {
      const bad = sampleRecord(uniqueName('tx'), 0);
      const poisoned = { ...bad, event: { ...bad.event, trigger: 'NUL \u0000 inside' } };
      const good = Array.from({ length: 30 }, () => sampleRecord(uniqueName('tx'), 0));
      const outcomes = await Promise.allSettled(
        [...good.slice(0, 15), poisoned, ...good.slice(15)].map((record) =>
          store.sessions.recordEvent(record),
        ),
      );
      expect(outcomes.map(({ status }) => status)).toEqual([
        ...Array(15).fill('fulfilled'),
        'rejected',
        ...Array(15).fill('fulfilled'),
      ]);
      expect(outcomes[15]).toMatchObject({ reason: { code: 'INVALID_INPUT' } });
      expect(await store.sessions.get(bad.session.transactionId)).toBeUndefined();
      for (const { session } of good) {
        expect(await store.sessions.get(session.transactionId)).toEqual(session);
      }
    });

    it('leave nothing behind when a part of them cannot be written', async () => {
      const record = sampleRecord(uniqueName('tx'), 0, {
        intervals: [
          {
            transactionId: sampleSession('other').transactionId,
            evseId: asEvseId('bad \u0000/1'),
            startMs: NOON_MS,
            importWh: 1,
            exportWh: 0,
          },
        ],
      });
      await expect(store.sessions.recordEvent(record)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      expect(await store.sessions.eventNumbers(record.event.transactionId)).toEqual([]);
      expect(await store.sessions.get(record.event.transactionId)).toBeUndefined();
      expect(await store.sessions.readings(record.event.transactionId)).toEqual([]);
    });
  });

  describe('readings', () => {
    it('are found in order across month borders, far past and future', async () => {
      const tx = uniqueName('tx');
      const instants = [
        0,
        Date.UTC(2025, 10, 30, 23, 59, 59, 999),
        Date.UTC(2025, 11, 1),
        Date.UTC(2025, 11, 31, 23, 59, 59, 999),
        Date.UTC(2026, 0, 1),
        Date.UTC(2024, 1, 29, 12),
        Date.UTC(2150, 5, 1),
      ].map((ms) => ms);
      const readings = instants.map((atMs, index) => sampleReading(atMs, index));
      const record = sampleRecord(tx, 0);
      await store.sessions.recordEvent({ ...record, event: { ...record.event, readings } });
      expect(await store.sessions.readings(record.event.transactionId)).toEqual(
        readings.toSorted((one, other) => one.atMs - other.atMs),
      );
    });

    it('outside a transaction are kept too', async () => {
      const evseId = asEvseId(`${uniqueName('cs')}/1`);
      await Promise.all([
        store.sessions.recordIdleReadings(evseId, [sampleReading(NOON_MS, 5)]),
        store.sessions.recordIdleReadings(evseId, []),
        store.sessions.recordIdleReadings(evseId, [sampleReading(Date.UTC(2027, 3, 1), 6)]),
      ]);
    });
  });

  describe('sessions', () => {
    it('come back as they were saved, with and without their optional parts', async () => {
      const full = fullSession(uniqueName('tx'));
      const bare = sampleSession(uniqueName('tx'));
      await Promise.all([store.sessions.save(full), store.sessions.save(bare)]);
      expect(await store.sessions.get(full.transactionId)).toEqual(full);
      expect(await store.sessions.get(bare.transactionId)).toEqual(bare);
      await store.sessions.save(sampleSession(full.transactionId));
      expect(await store.sessions.get(full.transactionId)).toEqual(sampleSession(full.transactionId));
    });

    it('stay in the order of the calls, whatever brought the change', async () => {
      const tx = uniqueName('tx');
      await Promise.all([
        store.sessions.recordEvent(sampleRecord(tx, 0)),
        store.sessions.save(sampleSession(tx, { chargingState: 'first' })),
        store.sessions.recordEvent(
          sampleRecord(tx, 1, { session: sampleSession(tx, { chargingState: 'second' }) }),
        ),
        store.sessions.save(sampleSession(tx, { chargingState: 'third' })),
      ]);
      expect((await store.sessions.get(sampleSession(tx).transactionId))?.chargingState).toBe('third');
    });

    it('are listed by overlap and state, newest start first', async () => {
      const base = Date.UTC(2031, 0, 1);
      const save = async (startedAtMs: number, endedAtMs?: number) => {
        const session = sampleSession(uniqueName('tx'), {
          startedAtMs,
          ...(endedAtMs === undefined ? {} : { endedAtMs, state: 'ended' as const }),
        });
        await store.sessions.save(session);
        return session;
      };
      const ended = await save(base, base + 60 * MINUTE_MS);
      const running = await save(base + 30 * MINUTE_MS);
      const later = await save(base + 120 * MINUTE_MS);
      const list = (fromMs: number, toMs: number) => store.sessions.list({ fromMs, toMs, limit: 10 });
      const inHour = [running, ended];
      expect(
        (await list(base, base + 60 * MINUTE_MS)).filter(({ startedAtMs }) => startedAtMs >= base),
      ).toEqual(inHour);
      const after = await store.sessions.list({ fromMs: base + 60 * MINUTE_MS, limit: 2 });
      expect(after).toEqual([later, running]);
      const endedOnes = await store.sessions.list({ fromMs: base, state: 'ended', limit: 10 });
      expect(endedOnes).toEqual([ended]);
      const active = await store.sessions.active();
      expect(active).toContainEqual(running);
      expect(active).not.toContainEqual(ended);
    });
  });

  it('sums all interval books for the totals of the fleet', async () => {
    const before = await store.sessions.totals();
    const tx = uniqueName('tx');
    await store.sessions.recordEvent(
      sampleRecord(tx, 0, {
        intervals: [NOON_MS, NOON_MS + QUARTER_MS].map((startMs) => ({
          transactionId: sampleSession(tx).transactionId,
          evseId: sampleSession(tx).evseId,
          startMs,
          importWh: 20,
          exportWh: 3,
        })),
      }),
    );
    const after = await store.sessions.totals();
    expect(after.importWh - before.importWh).toBeCloseTo(40, 6);
    expect(after.exportWh - before.exportWh).toBeCloseTo(6, 6);
  });

  it('adds up the books of a time over all sessions, each session net of itself in what it fed in', async () => {
    const base = Date.UTC(2036, 0, 1);
    const record = (importWh: number, exportWh: number, startMs = base) => {
      const { transactionId, evseId } = sampleSession(uniqueName('tx'));
      const intervals = [{ transactionId, evseId, startMs, importWh, exportWh }];
      return store.sessions.recordEvent(sampleRecord(transactionId, 0, { intervals }));
    };
    await record(100, 0);
    await record(30, 80);
    await record(0, 7, base + 5 * MINUTE_MS);
    expect(await store.sessions.poolBooks({ fromMs: base, toMs: base + QUARTER_MS })).toEqual([
      { startMs: base, importWh: 130, exportWh: 80, dischargeWh: 50 },
      { startMs: base + 5 * MINUTE_MS, importWh: 0, exportWh: 7, dischargeWh: 7 },
    ]);
    expect(await store.sessions.poolBooks({ fromMs: base - 1, toMs: base })).toEqual([]);
  });

  it('adds up the books of some EVSEs alone', async () => {
    const base = Date.UTC(2036, 0, 2);
    const span = { fromMs: base, toMs: base + QUARTER_MS };
    const record = async (evseId: EvseId, importWh: number) => {
      const { transactionId } = sampleSession(uniqueName('tx'));
      const intervals = [{ transactionId, evseId, startMs: base, importWh, exportWh: 0 }];
      await store.sessions.recordEvent(sampleRecord(transactionId, 0, { intervals }));
    };
    const [one, two, three] = ['a', 'b', 'c'].map((name) => evseIdOf(asStationId(uniqueName(name)), 1));
    await record(one!, 10);
    await record(two!, 200);
    await record(three!, 3000);
    const of = async (...evseIds: EvseId[]) =>
      (await store.sessions.poolBooks({ ...span, evseIds })).map(({ importWh }) => importWh);
    expect(await of(one!, three!)).toEqual([3010]);
    expect(await of()).toEqual([]);
  });

  it('knows which transactions read a register at an instant, or as good as at it', async () => {
    const base = Date.UTC(2036, 1, 2);
    const at = (seconds: number) => base + seconds * 1000;
    const record = sampleRecord(uniqueName('tx'), 0);
    const readings = [
      sampleReading(at(0), 1000),
      sampleReading(at(301), 1000),
      sampleReading(at(590), 1000),
      { atMs: at(900), context: 'clock' as const, importKw: 3 },
    ];
    await store.sessions.recordEvent({ ...record, event: { ...record.event, readings } });
    const { transactionId } = record.session;
    const instants = [at(0), at(300), at(600), at(900)];
    expect(await store.sessions.readingsAt({ instants, withinMs: 2000 })).toEqual([
      { transactionId, instantMs: at(0) },
      { transactionId, instantMs: at(300) },
    ]);
    expect(await store.sessions.readingsAt({ instants: [], withinMs: 2000 })).toEqual([]);
  });

  it('knows in which stretches a transaction was metered, by its registers alone', async () => {
    const base = Date.UTC(2036, 1, 1);
    const tx = uniqueName('tx');
    const at = (minutes: number) => base + minutes * MINUTE_MS;
    const record = sampleRecord(tx, 0);
    const readings = [
      ...[-9, 0, 1, 2, 20, 21, 40].map((minutes) => sampleReading(at(minutes), 1000)),
      { atMs: at(11), context: 'periodic' as const, importKw: 3 },
    ];
    await store.sessions.recordEvent({ ...record, event: { ...record.event, readings } });
    const { transactionId } = record.session;
    const found = await store.sessions.coverage({ fromMs: at(0), toMs: at(30), longestGapMs: 9 * MINUTE_MS });
    expect(found).toEqual([
      { transactionId, fromMs: at(-9), toMs: at(2) },
      { transactionId, fromMs: at(20), toMs: at(21) },
    ]);
    expect(
      await store.sessions.coverage({ fromMs: at(2), toMs: at(3), longestGapMs: 0.5 * MINUTE_MS }),
    ).toEqual([]);
  });

  function intervalsOf(tx: string) {
    return store.sessions.intervals({
      fromMs: NOON_MS - QUARTER_MS,
      toMs: NOON_MS + 10 * QUARTER_MS,
      transactionId: sampleSession(tx).transactionId,
    });
  }
}
