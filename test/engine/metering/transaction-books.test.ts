import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/domain/reading.js';
import type { Session } from '../../../src/domain/session.js';
import type { TransactionEvent } from '../../../src/domain/transaction-event.js';
import { exportWhOf, importWhOf } from '../../../src/engine/metering/books.js';
import {
  type AppliedEvent,
  applyEvent,
  hasGap,
  isInOrder,
  isRepeated,
  missingRegister,
  openSession,
  withoutRepeatedBegin,
} from '../../../src/engine/metering/transaction-books.js';
import {
  EVSE,
  eventOf,
  MINUTE_MS,
  NOON_MS,
  needsOf,
  readingAt,
  STATION,
} from '../../support/engine/fixtures.js';

const PLACE = { stationId: STATION, evseId: EVSE };
const reading = (
  minutes: number,
  importRegisterWh: number,
  exportRegisterWh = 0,
  context: Reading['context'] = 'periodic',
) => readingAt(minutes, { context, importRegisterWh, exportRegisterWh });

/** What the engine does with events as they arrive, with the store's part played by two arrays. */
function receive(
  events: readonly TransactionEvent[],
  onOpen: (session: Session) => Session = (session) => session,
) {
  const readings: Reading[] = [];
  const numbers: number[] = [];
  let session: Session | undefined;
  let intervals: AppliedEvent['intervals'] = [];
  for (const event of events) {
    if (numbers.includes(event.seqNo)) continue;
    const before = session ?? onOpen(openSession(event, PLACE));
    const recorded = session === undefined || isInOrder(before, event) ? undefined : { readings, numbers };
    const applied = applyEvent(before, event, recorded);
    intervals = applied.replaceIntervals ? applied.intervals : [...intervals, ...applied.intervals];
    readings.push(...event.readings);
    numbers.push(event.seqNo);
    session = applied.session;
  }
  return { session: session!, importWh: intervals.reduce((sum, part) => sum + part.importWh, 0) };
}

const STARTED = eventOf(0, { readings: [reading(0, 1_000, 50, 'begin')] });
const UPDATED = eventOf(1, { readings: [reading(10, 2_000, 50)] });
const LATER = eventOf(2, { readings: [reading(20, 2_000, 850)] });
const ENDED = eventOf(3, {
  kind: 'ended',
  atMs: NOON_MS + 30 * MINUTE_MS,
  stoppedReason: 'EVDisconnected',
  readings: [reading(0, 1_000, 50, 'begin'), reading(30, 2_400, 850, 'end')],
});

describe('a transaction, event by event', () => {
  it('ends with the registers of its end less those of its begin, each direction alone', () => {
    const { session, importWh } = receive([STARTED, UPDATED, LATER, ENDED]);
    expect(importWhOf(session.books)).toBe(1_400);
    expect(exportWhOf(session.books)).toBe(800);
    expect(importWh).toBeCloseTo(1_400, 9);
    expect(session).toMatchObject({
      state: 'ended',
      stoppedReason: 'EVDisconnected',
      flags: [],
      lastSeqNo: 3,
    });
  });

  it('does not count the begin that the end repeats, nor rebuild for it', () => {
    const { session } = receive([STARTED, UPDATED, LATER]);
    expect(isInOrder(session, ENDED)).toBe(true);
  });

  it('comes to the same books in whatever order its events arrive, and with repeats', () => {
    const events = [STARTED, UPDATED, LATER, ENDED];
    const straight = receive(events);
    fc.assert(
      fc.property(fc.shuffledSubarray([...events, ...events], { minLength: 8 }), (shuffled) => {
        const { session, importWh } = receive(shuffled);
        expect(importWhOf(session.books)).toBe(1_400);
        expect(exportWhOf(session.books)).toBe(800);
        expect(importWh).toBeCloseTo(straight.importWh, 9);
        expect(session.state).toBe('ended');
        expect(session.startedAtMs).toBe(NOON_MS);
        expect(session.endedAtMs).toBe(ENDED.atMs);
      }),
    );
  });

  it('is flagged while an event is missing, and no longer when the event came late', () => {
    expect(receive([STARTED, LATER]).session.flags).toEqual(['event-gap']);
    expect(receive([STARTED, LATER, UPDATED]).session.flags).toEqual([]);
    expect(receive([UPDATED, STARTED]).session.flags).toEqual([]);
  });

  it('is opened and flagged by an event other than its start', () => {
    const { session } = receive([UPDATED]);
    expect(session).toMatchObject({ state: 'active', flags: ['event-gap'] });
  });

  it('shows no power after its end, even when a reading from before comes later', () => {
    const late = eventOf(2, {
      offline: true,
      readings: [readingAt(20, { importRegisterWh: 2_000, importKw: 7 })],
    });
    const { session } = receive([STARTED, UPDATED, ENDED, late]);
    expect([session.books.importKw, session.books.exportKw]).toEqual([0, 0]);
  });

  it('is flagged when it ends without any register', () => {
    const { session } = receive([eventOf(0), eventOf(1, { kind: 'ended' })]);
    expect(session.flags).toEqual(['ended-without-readings']);
  });

  it('is flagged when a bidirectional session ends without an export register', () => {
    const importOnly = eventOf(1, { kind: 'ended', readings: [readingAt(5, { importRegisterWh: 20 })] });
    const withNeeds = (session: Session): Session => ({ ...session, needs: needsOf() });
    expect(receive([eventOf(0), importOnly], withNeeds).session.flags).toEqual(['export-register-missing']);
    expect(receive([eventOf(0), importOnly]).session.flags).toEqual([]);
  });

  it('is flagged when it ends without an import register', () => {
    const exportOnly = eventOf(1, { kind: 'ended', readings: [readingAt(5, { exportRegisterWh: 20 })] });
    expect(receive([eventOf(0), exportOnly]).session.flags).toEqual(['import-register-missing']);
  });

  it('keeps the charging state of its newest event when an older one comes late', () => {
    const { session } = receive([
      STARTED,
      eventOf(2, { chargingState: 'SuspendedEV' }),
      eventOf(1, { chargingState: 'Charging' }),
    ]);
    expect(session.chargingState).toBe('SuspendedEV');
  });

  it('counts a register reset in its middle, and the repeated begin does no harm', () => {
    const { session } = receive([
      STARTED,
      eventOf(1, { readings: [reading(10, 1_600, 50)] }),
      eventOf(2, { readings: [reading(20, 10, 0)] }),
      eventOf(3, { kind: 'ended', readings: [reading(0, 1_000, 50, 'begin'), reading(30, 210, 0, 'end')] }),
    ]);
    expect(importWhOf(session.books)).toBe(600 + 200);
    expect(session.flags).toEqual(['register-went-back']);
  });

  it('drops what a reading seemed to say when the whole says otherwise', () => {
    const { session } = receive([
      STARTED,
      eventOf(1, { readings: [readingAt(10, { importIntervalWh: 5, exportRegisterWh: 50 })] }),
      { ...ENDED, seqNo: 2 },
    ]);
    expect(session.flags).toEqual([]);
    // The import's standings came with the start; without them the interval would have counted.
    const { session: late } = receive([
      eventOf(0, { readings: [readingAt(0, { context: 'begin', exportRegisterWh: 50 })] }),
      eventOf(1, { readings: [readingAt(10, { importIntervalWh: 5, exportRegisterWh: 50 })] }),
      eventOf(2, {
        kind: 'ended',
        readings: [reading(0, 1_000, 50, 'begin'), reading(30, 2_400, 50, 'end')],
      }),
    ]);
    expect(importWhOf(late.books)).toBe(1_400);
    expect(late.flags).toEqual([]);
  });
});

describe('each rule of events alone', () => {
  it('an event is repeated when its number is on record', () => {
    const record = { readings: [], numbers: [0, 2] };
    expect([1, 2].map((seqNo) => isRepeated(eventOf(seqNo), record))).toEqual([false, true]);
    expect(isRepeated(eventOf(0), undefined)).toBe(false);
  });

  it('numbers have a gap when the start or one between is missing', () => {
    expect([[0], [0, 1, 2], [2, 0, 1]].map(hasGap)).toEqual([false, false, false]);
    expect([[1], [0, 2], [1, 2]].map(hasGap)).toEqual([true, true, true]);
  });

  it('a begin that the books know is left out of the end, another is not', () => {
    const { session } = receive([STARTED]);
    expect(withoutRepeatedBegin(session, ENDED).map(({ context }) => context)).toEqual(['end']);
    const other = { ...ENDED, readings: [reading(0, 999, 50, 'begin')] };
    expect(withoutRepeatedBegin(session, other)).toHaveLength(1);
  });

  it('an ended session lacks the registers that its car could have moved', () => {
    const books = { importCarriedWh: 0, exportCarriedWh: 0, importKw: 0, exportKw: 0 };
    expect(missingRegister({ books })).toBe('ended-without-readings');
    expect(missingRegister({ books: { ...books, exportLastWh: 5 } })).toBe('import-register-missing');
    const imported = { ...books, importLastWh: 5 };
    expect(missingRegister({ books: imported })).toBeUndefined();
    expect(missingRegister({ books: imported, needs: needsOf() })).toBe('export-register-missing');
    expect(missingRegister({ books: { ...imported, hasExported: true } })).toBe('export-register-missing');
    const byIntervals = {
      ...books,
      importIntervalsToMs: 1,
      exportIntervalsToMs: 1,
      hasExported: true as const,
    };
    expect(missingRegister({ books: byIntervals })).toBeUndefined();
  });
});
