import type { ErrorObject } from 'ajv';
import { isJsonObject, type JsonObject } from './frame.js';

/** Instant without a zone, as many stations send it; taken as UTC. */
const DATE_TIME_WITHOUT_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/;
const NUMBER_AS_TEXT = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;
/** Characters of a station's own words in what is said about them. */
const MAX_QUOTE = 60;
/** Different remarks on one object; a payload with more unknown keys than this is told once. */
const MAX_REMARKS = 20;

/**
 * Mends in place what a schema error complains about, when the meaning is beyond doubt: keys that nobody
 * defined or that are written in another case, `null` and `[]` for an absent optional, instants without a
 * zone, numbers as text, enum values in another case. The same spelling in the other entries of a list is
 * mended with it. Returns what was done; nothing when the place complained about cannot be mended.
 */
export function repair(payload: JsonObject, error: ErrorObject): readonly string[] {
  const keys = keysOf(error.instancePath);
  const at = textOf(payload, keys);
  if (error.keyword === 'required') {
    // What is missing may be there in another case; if not, nothing that costs time is tried.
    const missing = String(error.params.missingProperty);
    const holder = holderAt(payload, keys);
    const isThere = Object.keys(holder ?? {}).some((key) => sameButCase(key, missing));
    return isThere ? repairKeys(payload, keys, error.parentSchema, at) : [];
  }
  if (error.keyword === 'additionalProperties') return repairKeys(payload, keys, error.parentSchema, at);
  const key = keys.pop();
  const complained = key === undefined ? undefined : holderAt(payload, keys);
  if (key === undefined || complained === undefined) return [];
  const mend = mendingOf(complained, key, error);
  const done = mend?.(complained, key);
  if (mend === undefined || done === undefined) return [];
  for (const holder of likeHolders(payload, keys)) {
    for (const like of Array.isArray(holder) ? holder.keys() : [key]) mend(holder, String(like));
  }
  return [`${at}: ${done}`];
}

type Holder = JsonObject | unknown[];
/** Mends one value if it has the fault; says what it did. */
type Mending = (holder: Holder, key: string) => string | undefined;

function mendingOf(holder: Holder, key: string, error: ErrorObject): Mending | undefined {
  const value = valueIn(holder, key);
  if (!Array.isArray(holder) && isEmpty(value)) return dropEmpty;
  switch (error.keyword) {
    case 'format':
      return addZone;
    case 'type':
      return isNumeric(error.params.type) ? readNumber : undefined;
    case 'enum':
      return (place, name) => takeAllowed(place, name, error.params.allowedValues as readonly unknown[]);
    default:
      return undefined;
  }
}

const isEmpty = (value: unknown): boolean => value === null || (Array.isArray(value) && value.length === 0);

const dropEmpty: Mending = (holder, key) => {
  const value = valueIn(holder, key);
  if (Array.isArray(holder) || !isEmpty(value)) return undefined;
  delete holder[key];
  return `${value === null ? 'null' : '[]'} taken as absent`;
};

const addZone: Mending = (holder, key) => {
  const value = valueIn(holder, key);
  if (typeof value !== 'string' || !DATE_TIME_WITHOUT_ZONE.test(value)) return undefined;
  put(holder, key, `${value}Z`);
  return 'instant without a zone taken as UTC';
};

const readNumber: Mending = (holder, key) => {
  const value = valueIn(holder, key);
  if (typeof value !== 'string' || !NUMBER_AS_TEXT.test(value)) return undefined;
  put(holder, key, Number(value));
  return 'number sent as text';
};

function takeAllowed(holder: Holder, key: string, allowed: readonly unknown[]): string | undefined {
  const value = valueIn(holder, key);
  if (typeof value !== 'string' || allowed.includes(value)) return undefined;
  const meant = allowed.find((one) => sameButCase(String(one), value));
  if (meant === undefined) return undefined;
  put(holder, key, meant);
  return `${value} taken as ${String(meant)}`;
}

function repairKeys(payload: JsonObject, keys: readonly string[], schema: unknown, at: string): string[] {
  const known = isJsonObject(schema) && isJsonObject(schema.properties) ? Object.keys(schema.properties) : [];
  const remarks = new Set<string>();
  for (const holder of likeHolders(payload, keys)) {
    if (Array.isArray(holder)) continue;
    for (const key of Object.keys(holder)) {
      if (known.includes(key)) continue;
      const remark = adoptOrStrip(holder, key, known);
      if (remarks.size < MAX_REMARKS) remarks.add(`${at}: ${remark}`);
    }
  }
  return [...remarks];
}

function adoptOrStrip(holder: JsonObject, key: string, known: readonly string[]): string {
  const value = holder[key];
  delete holder[key];
  const quoted = key.slice(0, MAX_QUOTE);
  const meant = known.find((one) => sameButCase(one, key));
  if (meant !== undefined && !Object.hasOwn(holder, meant)) {
    holder[meant] = value;
    return `key ${quoted} taken as ${meant}`;
  }
  return `unknown key ${quoted} ignored`;
}

const sameButCase = (one: string, other: string): boolean =>
  one.length === other.length && one.toLowerCase() === other.toLowerCase();

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

/** The path without list positions: the same spelling in the next entry is the same repair. */
function textOf(payload: JsonObject, keys: readonly string[]): string {
  let value: unknown = payload;
  let text = '';
  for (const key of keys) {
    text += Array.isArray(value) ? '/*' : `/${key}`;
    value = isHolder(value) ? valueIn(value, key) : undefined;
  }
  return text === '' ? '/' : text;
}

function holderAt(payload: JsonObject, keys: readonly string[]): Holder | undefined {
  let value: unknown = payload;
  for (const key of keys) {
    if (!isHolder(value)) return undefined;
    value = valueIn(value, key);
  }
  return isHolder(value) ? value : undefined;
}

/** The objects and lists at a path, in every entry of the lists on the way. */
function likeHolders(payload: JsonObject, keys: readonly string[]): Holder[] {
  let holders: Holder[] = [payload];
  for (const key of keys) {
    holders = holders
      .flatMap((holder) => (Array.isArray(holder) ? holder : [valueIn(holder, key)]))
      .filter(isHolder);
  }
  return holders;
}

const isHolder = (value: unknown): value is Holder => typeof value === 'object' && value !== null;

function valueIn(holder: Holder, key: string): unknown {
  return Array.isArray(holder) ? holder[Number(key)] : Object.hasOwn(holder, key) ? holder[key] : undefined;
}

function put(holder: Holder, key: string, value: unknown): void {
  if (Array.isArray(holder)) holder[Number(key)] = value;
  else holder[key] = value;
}
