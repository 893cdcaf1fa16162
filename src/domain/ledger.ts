import type { BidId, EvseId, SiteId, TransactionId } from './ids.js';

/**
 * `import.<part>` costs, `export.<part>` and `refund.<part>` credits of a line; `driver.…` and `aggregator.…`
 * what a session earned and for whom; `award.capacity` what a block earned (credit), `award.cut` what was taken off it.
 */
export type LedgerAccount = string;

/** Money by account in whole minor units (cents). Costs > 0, credits < 0 on lines; shares > 0 are received. */
export type LedgerAmounts = Readonly<Record<LedgerAccount, number>>;

/** What an entry is about: a session in one quarter-hour, what a whole session earned, or an awarded block. */
export type LedgerSubject = 'line' | 'share' | 'award';

/** What the books shall say about a subject. Import and export apart, whole Wh. */
export interface LedgerState {
  readonly subject: LedgerSubject;
  /** Null where the subject is an award. */
  readonly transactionId: TransactionId | null;
  readonly evseId: EvseId | null;
  /** Of an award. */
  readonly bidId?: BidId;
  readonly siteId: SiteId | null;
  /** Of the quarter-hour; of the session for a share, of the block for an award. */
  readonly startMs: number;
  readonly currency: string;
  readonly importWh: number;
  readonly exportWh: number;
  readonly amounts: LedgerAmounts;
  /** Tariff, contract or market product that it rests on. */
  readonly rests: string;
}

/**
 * One row of the append-only ledger. What stands in the books about a subject is the sum of its entries: a
 * correction holds the difference, Wh and minor units signed, never the new value.
 */
export interface LedgerEntry extends LedgerState {
  readonly kind: 'first' | 'correction';
  readonly runId: string;
  readonly atMs: number;
}

/** The transaction or bid that an entry is about. */
export function subjectIdOf({ transactionId, bidId }: LedgerState): string {
  return transactionId ?? bidId ?? '';
}

export function ledgerKey(state: LedgerState): string {
  return `${state.subject}|${subjectIdOf(state)}|${state.startMs}|${state.currency}`;
}

/** Entries that bring the books from what `known` adds up to, to `wanted`; none where nothing differs. */
export function entriesFor(
  wanted: readonly LedgerState[],
  known: readonly LedgerEntry[],
  run: { readonly runId: string; readonly atMs: number },
): LedgerEntry[] {
  const booked = new Map<string, LedgerEntry[]>();
  for (const entry of known) booked.set(ledgerKey(entry), [...(booked.get(ledgerKey(entry)) ?? []), entry]);
  return wanted.flatMap((state): LedgerEntry[] => {
    const before = booked.get(ledgerKey(state));
    if (before === undefined) return [{ ...state, ...run, kind: 'first' }];
    const importWh = state.importWh - sumOf(before, (entry) => entry.importWh);
    const exportWh = state.exportWh - sumOf(before, (entry) => entry.exportWh);
    const amounts = difference(state.amounts, sumOfAmounts(before));
    if (importWh === 0 && exportWh === 0 && Object.keys(amounts).length === 0) return [];
    return [{ ...state, ...run, kind: 'correction', importWh, exportWh, amounts }];
  });
}

/** Money by account over entries; accounts that add up to nothing stay, as 0. */
export function sumOfAmounts(
  entries: readonly { readonly amounts: LedgerAmounts }[],
): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { amounts } of entries) {
    for (const [account, minor] of Object.entries(amounts)) sums[account] = (sums[account] ?? 0) + minor;
  }
  return sums;
}

function difference(wanted: LedgerAmounts, booked: LedgerAmounts): Record<string, number> {
  const differences: Record<string, number> = {};
  for (const account of new Set([...Object.keys(wanted), ...Object.keys(booked)])) {
    const minor = (wanted[account] ?? 0) - (booked[account] ?? 0);
    if (minor !== 0) differences[account] = minor;
  }
  return differences;
}

function sumOf<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0);
}
