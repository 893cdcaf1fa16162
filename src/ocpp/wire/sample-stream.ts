import { isJsonObject, type JsonObject } from './frame.js';
import { parseInstantMs } from './instant.js';

const INSTANT = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?$/;

/**
 * Part 4 shows a NotifyPeriodicEventStream that its own schema refuses: no `basetime`, and the instant of each
 * sample as text. This rewrites that form, in place, into the schema's and returns what it changed; every other
 * payload stays as it is.
 */
export function mapSampleStream(payload: JsonObject): string[] {
  const { data } = payload;
  if (payload.basetime !== undefined || !Array.isArray(data)) return [];
  const samples = data.filter(isJsonObject);
  const [first] = samples;
  if (first === undefined || samples.length < data.length) return [];
  if (!samples.every(({ t }) => typeof t === 'string' && INSTANT.test(t))) return [];
  const baseMs = instantOf(first);
  payload.basetime = new Date(baseMs).toISOString();
  for (const sample of samples) sample.t = (instantOf(sample) - baseMs) / 1000;
  return ['/data/*/t: instants taken as seconds since the first, as Part 4 shows them'];
}

function instantOf({ t }: JsonObject): number {
  const text = String(t);
  return parseInstantMs(/(Z|[+-]\d\d:\d\d)$/i.test(text) ? text : `${text}Z`);
}
