import type { EvseId, TransactionId } from './ids.js';
import type { ProfileDialect } from './station.js';

/**
 * What the meter says about the profile in force (docs/glossary.md, "Delivery"):
 * `unverified` no conclusive reading; `following` does what it is told within ramp time and tolerance;
 * `lagging` does so later; `limited-by-ev` gives or takes less than asked because the car does;
 * `ignoring` does something else; `offline` out of reach longer than the grace.
 */
export const DELIVERY_STATES = [
  'unverified',
  'following',
  'lagging',
  'limited-by-ev',
  'ignoring',
  'offline',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** How an EVSE with one firmware answered a dialect. A meter's word outranks what the station tells. */
export interface DialectProof {
  readonly dialect: ProfileDialect;
  /** As BootNotification told it; empty when it told none. */
  readonly firmware: string;
  /** The first real profile, read back by GetCompositeSchedule. Absent = not asked yet. */
  readonly readBack?: ReadBackProof;
  /** Whether the meter was seen to discharge as told, or not to. Absent = no discharge was judged yet. */
  readonly meter?: { readonly outcome: 'follows' | 'ignores'; readonly atMs: number };
}

export interface ReadBackProof {
  readonly outcome: 'agrees' | 'contradicts' | 'not-answered';
  /** Whether discharge lay in what was compared. */
  readonly withDischarge: boolean;
  /** For a person: the first difference, or why there is no answer. */
  readonly detail: string;
  readonly atMs: number;
}

/** A change of state. Powers are signed kW at the meter: the mean asked and metered when it was decided. */
export interface DeliveryChange {
  readonly atMs: number;
  readonly state: DeliveryState;
  readonly reason: string;
  readonly dialect?: ProfileDialect;
  readonly askedKw?: number;
  readonly meteredKw?: number;
  readonly transactionId?: TransactionId;
}

/** What experience says of one EVSE; outlives sessions and restarts. */
export interface EvseRecord {
  readonly evseId: EvseId;
  /** Newest last, at most {@link MAX_PROOFS}. */
  readonly proofs: readonly DialectProof[];
  /** Newest last, at most {@link MAX_DELIVERY_CHANGES}. */
  readonly history: readonly DeliveryChange[];
  /** It follows nothing at all: left out of planning until then. `count` in a row; the pause grows with it. */
  readonly unsteerable?: { readonly untilMs: number; readonly count: number; readonly reason: string };
}

/** Three dialects with four firmwares. */
export const MAX_PROOFS = 12;
export const MAX_DELIVERY_CHANGES = 100;

export function emptyRecord(evseId: EvseId): EvseRecord {
  return { evseId, proofs: [], history: [] };
}

export function proofOf(
  record: EvseRecord | undefined,
  dialect: ProfileDialect,
  firmware: string,
): DialectProof | undefined {
  return record?.proofs.find((proof) => proof.dialect === dialect && proof.firmware === firmware);
}

/** The record with this part of a proof replaced; the oldest goes when there are too many. */
export function withProof(
  record: EvseRecord,
  { dialect, firmware, ...word }: Pick<DialectProof, 'dialect' | 'firmware'> & Partial<DialectProof>,
): EvseRecord {
  const known = proofOf(record, dialect, firmware);
  const others = record.proofs.filter((proof) => proof !== known);
  return { ...record, proofs: [...others, { ...known, dialect, firmware, ...word }].slice(-MAX_PROOFS) };
}

/** The record with one more change of state; the oldest goes when there are too many. */
export function withChange(record: EvseRecord, change: DeliveryChange): EvseRecord {
  return { ...record, history: [...record.history, change].slice(-MAX_DELIVERY_CHANGES) };
}
