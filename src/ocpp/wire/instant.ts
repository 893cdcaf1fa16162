const AS_DATE_READS_IT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d+)?Z$/;

/**
 * Epoch milliseconds of an instant that has passed the schema (RFC 3339 with zone). A leap second, which the
 * schema allows and Date does not know, is the second before it.
 */
export function parseInstantMs(text: string): number {
  if (AS_DATE_READS_IT.test(text)) return Date.parse(text);
  const normalised = text.replace(/^(\d{4}-\d\d-\d\d)[t\s]/, '$1T').replace(/z$/, 'Z');
  return Date.parse(normalised.replace(/^(.{11}\d\d:\d\d):60/, '$1:59'));
}

/** RFC 3339 in UTC. Never anything else leaves us. */
export function formatInstant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
