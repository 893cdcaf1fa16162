declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** OCPP identity of a charging station: the last path segment of its WebSocket URL. */
export type StationId = Branded<'StationId'>;
/** One EVSE of one station, written `stationId/evseNumber`, evseNumber ≥ 1. */
export type EvseId = Branded<'EvseId'>;
/** OCPP transaction, chosen by the station, at most 36 characters. */
export type TransactionId = Branded<'TransactionId'>;
export type SiteId = Branded<'SiteId'>;
export type DispatchId = Branded<'DispatchId'>;
export type PlanId = Branded<'PlanId'>;
export type BidId = Branded<'BidId'>;

/** OCPP-J: identifierString without the colon that Basic authentication uses, at most 48 characters. */
const STATION_ID = /^[A-Za-z0-9*\-_=|@.+]{1,48}$/;

/** Whether a text may be a station identity (OCPP 2.1 Part 4, identity in the connection URL). */
export function isStationId(text: string): text is StationId {
  return STATION_ID.test(text);
}

export const asStationId = (text: string): StationId => text as StationId;
export const asTransactionId = (text: string): TransactionId => text as TransactionId;
export const asSiteId = (text: string): SiteId => text as SiteId;
export const asDispatchId = (text: string): DispatchId => text as DispatchId;
export const asBidId = (text: string): BidId => text as BidId;
export const asPlanId = (text: string): PlanId => text as PlanId;
/** For values that were written by {@link evseIdOf}, e.g. read back from the store or a queue job. */
export const asEvseId = (text: string): EvseId => text as EvseId;

export function evseIdOf(stationId: StationId, evseNumber: number): EvseId {
  return `${stationId}/${evseNumber}` as EvseId;
}

export function stationOf(evseId: EvseId): StationId {
  return evseId.slice(0, evseId.lastIndexOf('/')) as StationId;
}

/** The station's own number of the EVSE, ≥ 1. */
export function evseNumberOf(evseId: EvseId): number {
  return Number(evseId.slice(evseId.lastIndexOf('/') + 1));
}
