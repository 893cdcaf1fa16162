import type { EvseId, StationId } from '../../domain/ids.js';
import type { IntervalEnergy, Reading } from '../../domain/reading.js';
import type { BookFlag, Session } from '../../domain/session.js';
import type { TransactionEvent } from '../../domain/transaction-event.js';
import { EMPTY_BOOKS, enterReading, READING_FLAGS } from './books.js';
import { outranksIntervals } from './interval-energy.js';
import { rebuildBooks, spreadEntry } from './intervals.js';

/** The session as the event leaves it, with the additions to (or the whole of) its interval books. */
export interface AppliedEvent {
  readonly session: Session;
  readonly intervals: readonly IntervalEnergy[];
  readonly replaceIntervals: boolean;
}

/** A session as its first event opens it. An event other than `started` opens it too, flagged: the start was lost. */
export function openSession(
  event: TransactionEvent,
  place: { stationId: StationId; evseId: EvseId; siteId?: Session['siteId'] },
): Session {
  return {
    transactionId: event.transactionId,
    stationId: place.stationId,
    evseId: place.evseId,
    ...(place.siteId === undefined ? {} : { siteId: place.siteId }),
    startedAtMs: event.atMs,
    state: 'active',
    needsImportWh: 0,
    needsExportWh: 0,
    books: EMPTY_BOOKS,
    flags: event.kind === 'started' ? [] : ['event-gap'],
    lastSeqNo: -1,
  };
}

/** Whether the event is on record: a station repeats what it got no answer to, with the number it had. */
export function isRepeated({ seqNo }: TransactionEvent, record: TransactionRecord | undefined): boolean {
  return record?.numbers.includes(seqNo) ?? false;
}

/** Whether the event's readings can be entered as they are, without those on record. */
export function isInOrder(session: Session, event: TransactionEvent): boolean {
  const { importLastWh = 0, exportLastWh = 0, lastReadingMs } = session.books;
  let lastMs = lastReadingMs ?? Number.NEGATIVE_INFINITY;
  if (event.seqNo <= session.lastSeqNo) return false;
  for (const reading of withoutRepeatedBegin(session, event)) {
    if (reading.atMs < lastMs || outranksIntervals(session.books, reading)) return false;
    const { importRegisterWh = importLastWh, exportRegisterWh = exportLastWh } = reading;
    const isBelowLast = importRegisterWh < importLastWh || exportRegisterWh < exportLastWh;
    if (reading.atMs === lastReadingMs && isBelowLast) return false;
    lastMs = reading.atMs;
  }
  return true;
}

/** What the store holds of a transaction: all readings, and the numbers of the events. */
export interface TransactionRecord {
  readonly readings: readonly Reading[];
  readonly numbers: readonly number[];
}

/**
 * Applies one transaction event that is not yet on record. `recorded` is needed when {@link isInOrder} says
 * no: then the books are rebuilt from the whole, and a gap that the event closes is none any more.
 */
export function applyEvent(
  session: Session,
  event: TransactionEvent,
  recorded: TransactionRecord | undefined,
): AppliedEvent {
  const header = applyHeader(session, event);
  if (recorded !== undefined) {
    const rebuilt = rebuildBooks(session, [...recorded.readings, ...event.readings]);
    const numbers = [...recorded.numbers, event.seqNo];
    // What the readings said one by one is said anew by the whole.
    const kept = header.flags.filter((flag) => !READING_FLAGS.has(flag));
    const flags = kept.filter((flag) => flag !== 'event-gap' || hasGap(numbers));
    const closed = withFlags({ ...header, flags, books: rebuilt.books }, rebuilt.flags);
    return { session: closed, intervals: rebuilt.intervals, replaceIntervals: true };
  }
  let books = session.books;
  const flags: BookFlag[] = [];
  const intervals: IntervalEnergy[] = [];
  for (const reading of withoutRepeatedBegin(session, event)) {
    const entry = enterReading(books, reading);
    books = entry.books;
    flags.push(...entry.flags);
    intervals.push(...spreadEntry(session, entry));
  }
  return { session: withFlags({ ...header, books }, flags), intervals, replaceIntervals: false };
}

/** The end repeats the begin (OCPP TxEnded measurands): a begin that the books know is not entered again. */
export function withoutRepeatedBegin(session: Session, event: TransactionEvent): readonly Reading[] {
  const { importBeginWh, exportBeginWh } = session.books;
  return event.readings.filter(
    (reading) =>
      !(
        reading.context === 'begin' &&
        session.lastSeqNo >= 0 &&
        (reading.importRegisterWh === undefined || reading.importRegisterWh === importBeginWh) &&
        (reading.exportRegisterWh === undefined || reading.exportRegisterWh === exportBeginWh)
      ),
  );
}

function applyHeader(session: Session, event: TransactionEvent): Session {
  const isNewest = event.seqNo > session.lastSeqNo;
  const missed = isNewest && session.lastSeqNo >= 0 && event.seqNo > session.lastSeqNo + 1;
  return {
    ...session,
    startedAtMs: Math.min(session.startedAtMs, event.atMs),
    lastSeqNo: Math.max(session.lastSeqNo, event.seqNo),
    flags: missed ? unique([...session.flags, 'event-gap']) : session.flags,
    ...(event.idToken === undefined ? {} : { idToken: event.idToken }),
    ...(isNewest && event.chargingState !== undefined ? { chargingState: event.chargingState } : {}),
    ...(event.kind === 'ended'
      ? { state: 'ended' as const, endedAtMs: event.atMs, stoppedReason: event.stoppedReason ?? 'Local' }
      : {}),
  };
}

/** Event numbers run from the start's, which is 0, without a hole (OCPP 2.1 TransactionEventRequest.seqNo). */
export function hasGap(numbers: readonly number[]): boolean {
  const all = new Set(numbers);
  return !all.has(0) || Math.max(...all) !== all.size - 1;
}

const CLOSING_FLAGS = [
  'ended-without-readings',
  'import-register-missing',
  'export-register-missing',
] as const satisfies readonly BookFlag[];

/**
 * What an ended session lacks to be settled. A missing export register matters where the EV could discharge
 * or its power says that it did; what it exported then is not guessed from power.
 */
export function missingRegister({
  books,
  needs,
}: Pick<Session, 'books' | 'needs'>): (typeof CLOSING_FLAGS)[number] | undefined {
  const hasImport = books.importLastWh !== undefined || books.importIntervalsToMs !== undefined;
  const hasExport = books.exportLastWh !== undefined || books.exportIntervalsToMs !== undefined;
  if (!hasImport && !hasExport) return 'ended-without-readings';
  if (!hasImport) return 'import-register-missing';
  const exports = needs?.bidirectional === true || books.hasExported === true;
  return !hasExport && exports ? 'export-register-missing' : undefined;
}

function withFlags(session: Session, flags: readonly BookFlag[]): Session {
  const isClosing = (flag: BookFlag) => CLOSING_FLAGS.some((one) => one === flag);
  const all: BookFlag[] = [...session.flags.filter((flag) => !isClosing(flag)), ...flags];
  if (session.state !== 'ended') return { ...session, flags: unique(all) };
  const missing = missingRegister(session);
  return {
    ...session,
    flags: unique(missing === undefined ? all : [...all, missing]),
    books: { ...session.books, importKw: 0, exportKw: 0 },
  };
}

function unique(flags: readonly BookFlag[]): BookFlag[] {
  return [...new Set(flags)];
}
