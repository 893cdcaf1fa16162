/** Marks what only a bug can break. The process is expected to end and be restarted. */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${invariant}`);
}

/** Closes a switch over a discriminated union; a missing case is a compile error. */
export function assertNever(value: never): never {
  throw new Error(`Invariant broken: unexpected case ${JSON.stringify(value)}`);
}
