import { msOfTimestamp } from './instants.js';

/** Type numbers of PostgreSQL (pg_type.oid). */
const INT8_OID = 20;
const NUMERIC_OID = 1700;
const TIMESTAMPTZ_OID = 1184;

/**
 * How both drivers read the types on which they would differ: int8 and numeric stay text (exact; BullMQ and
 * our mappings convert), timestamptz becomes epoch milliseconds.
 */
export const VALUE_PARSERS: Readonly<Record<number, (text: string) => string | number>> = {
  [INT8_OID]: (text) => text,
  [NUMERIC_OID]: (text) => text,
  [TIMESTAMPTZ_OID]: msOfTimestamp,
};
