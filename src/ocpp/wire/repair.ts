import type { ErrorObject } from 'ajv';
import { isJsonObject, type JsonObject } from './frame.js';

/** Instant without a zone, as many stations send it; taken as UTC. */
const DATE_TIME_WITHOUT_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/;
const NUMBER_AS_TEXT = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * Mends in place what a schema error complains about, when the meaning is beyond doubt: keys that nobody
 * defined or that are written in another case, `null` and `[]` for an absent optional, instants without a
 * zone, numbers as text, enum values in another case. Returns what was done, undefined when nothing can be.
 */
export function repair(payload: JsonObject, error: ErrorObject): string | undefined {
  // Without list positions: the same spelling in the next entry is the same repair.
  const at = error.instancePath === '' ? '/' : error.instancePath.replace(/\/\d+(?=\/|$)/g, '/*');
  if (error.keyword === 'additionalProperties') {
    const holder = valueAt(payload, error.instancePath);
    if (!isJsonObject(holder)) return undefined;
    return adoptOrStrip(holder, String(error.params.additionalProperty), error.parentSchema, at);
  }
  const place = placeOf(payload, error.instancePath);
  if (place === undefined) return undefined;
  const { holder, key } = place;
  const value = holder[key];
  if ((value === null || (Array.isArray(value) && value.length === 0)) && !Array.isArray(holder)) {
    delete holder[key];
    return `${at}: ${value === null ? 'null' : '[]'} taken as absent`;
  }
  if (typeof value !== 'string') return undefined;
  if (error.keyword === 'format' && DATE_TIME_WITHOUT_ZONE.test(value)) {
    holder[key] = `${value}Z`;
    return `${at}: instant without a zone taken as UTC`;
  }
  if (error.keyword === 'type' && isNumeric(error.params.type) && NUMBER_AS_TEXT.test(value)) {
    holder[key] = Number(value);
    return `${at}: number sent as text`;
  }
  if (error.keyword === 'enum') {
    const allowed = (error.params.allowedValues as unknown[]).find((one) => sameButCase(String(one), value));
    if (allowed === undefined) return undefined;
    holder[key] = allowed;
    return `${at}: ${value} taken as ${String(allowed)}`;
  }
  return undefined;
}

function adoptOrStrip(holder: JsonObject, key: string, schema: unknown, at: string): string {
  const value = holder[key];
  delete holder[key];
  const known = isJsonObject(schema) && isJsonObject(schema.properties) ? Object.keys(schema.properties) : [];
  const meant = known.find((one) => sameButCase(one, key));
  if (meant !== undefined && !Object.hasOwn(holder, meant)) {
    holder[meant] = value;
    return `${at}: key ${key} taken as ${meant}`;
  }
  return `${at}: unknown key ${key} ignored`;
}

const sameButCase = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** ajv names one type or a list of types. */
function isNumeric(type: unknown): boolean {
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  return types.includes('number') || types.includes('integer');
}

function keysOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(payload: JsonObject, pointer: string): unknown {
  let value: unknown = payload;
  for (const key of keysOf(pointer)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as JsonObject)[key];
  }
  return value;
}

function placeOf(payload: JsonObject, pointer: string): { holder: JsonObject; key: string } | undefined {
  const cut = pointer.lastIndexOf('/');
  if (cut < 0) return undefined;
  const holder = valueAt(payload, pointer.slice(0, cut));
  const key = keysOf(pointer).at(-1);
  if (typeof holder !== 'object' || holder === null || key === undefined) return undefined;
  return { holder: holder as JsonObject, key };
}
