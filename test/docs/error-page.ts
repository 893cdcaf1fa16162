import { ERROR_CATALOGUE, type ErrorCode } from '../../src/domain/errors.js';

/** When each code is met, and what to do. A new code does not compile until it has its line. */
const ADVICE: Readonly<Record<ErrorCode, string>> = {
  INVALID_INPUT:
    'A field breaks a rule; `faults` names each field and rule. Mend the input; the same call fails again.',
  UNAUTHENTICATED:
    'The `Authorization: Bearer` header is absent, or holds no key that is on record. Create one with `ebbflow keys create`.',
  FORBIDDEN: 'The key is known but its role may not do this. Use a key of the role that the route asks for.',
  NOT_FOUND: 'The route, or the id in it, does not exist.',
  CONFLICT: 'The resource exists already, or is in a state that excludes the call. Read it and decide anew.',
  IDEMPOTENCY_MISMATCH:
    'The `Idempotency-Key` belongs to an earlier request with another body. Use a new key for a new order.',
  PAYLOAD_TOO_LARGE: 'The body or file is beyond the limit that the detail names. Split it.',
  UNSUPPORTED_MEDIA_TYPE: 'Send JSON, or where price files are taken CSV or XML, with its content type.',
  RATE_LIMITED: 'Too many requests from one address. Wait as long as `Retry-After` says.',
  INTERNAL: 'A fault of ours; the log has the cause. Report it.',
  STATION_OFFLINE: 'The station has no connection. Orders for it wait and are sent when it is back.',
  STATION_TIMEOUT: 'The station took the call and did not answer in time. It is tried again by the queue.',
  STATION_REFUSED:
    'The station answered with a CALLERROR. It is tried again by the queue, then kept for a person.',
  STATION_BUSY: 'More calls wait for the station than the limit allows. Try later.',
  STORE_UNAVAILABLE:
    'The database, or the queue behind it, does not answer. Nothing was recorded; try again.',
  DATA_DIR_LOCKED:
    'Another process uses the data directory; two would lose data. Stop it, talk to it over HTTP, or set another `EBBFLOW_DATA_DIR`.',
  NODE_UNREACHABLE:
    'Where roles are split: no planner was there in time, or Redis between the nodes does not answer. Try again; see the readiness of the nodes.',
  SHUTTING_DOWN: 'The engine is stopping. Try again when it is back, or at another node.',
};

/** docs/errors.md from the catalogue. */
export function errorPage(): string {
  const rows = Object.entries(ERROR_CATALOGUE).map(
    ([code, { status, retryable, title }]) =>
      `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${title} | ${ADVICE[code as ErrorCode]} |`,
  );
  return `# Errors

Every operating failure has one code of this table. It is made from \`src/domain/errors.ts\` by
\`npm run docs:errors\`; a test fails when the two differ.

- The API answers with \`application/problem+json\` (RFC 9457): \`status\` and \`title\` as below, \`detail\` for this case,
  \`code\`, and \`faults\`, one entry per field, when the input was at fault.
- The command line prints one line, \`ebbflow: field: fault\`, and ends with 2 for \`INVALID_INPUT\`, with 1 for the others.
- The queue tries again what is retryable, with growing pauses, and keeps the rest for a person.

What the domain expects, such as an unreachable target or a station's no to a profile, is an answer and not an error.
A broken invariant is a bug: the process logs it and ends.

| code | status | retryable | title | when, and what to do |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}
