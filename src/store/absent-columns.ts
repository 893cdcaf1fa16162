type Nullable<T> = { [Key in keyof T]: undefined extends T[Key] ? T[Key] | null | undefined : T[Key] };

/** A row's nulls stand for absent properties; the result lacks them altogether. */
export function withoutNulls<T extends object>(row: Nullable<T>): T {
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== null && value !== undefined),
  ) as T;
}

/** JSON text for a jsonb column, or null for an absent value. */
export function jsonOrNull(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
