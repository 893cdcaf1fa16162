export const ROLES = ['viewer', 'trader', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Every role reads; traders trade, operators run stations and prices, the admin may do all. */
export function hasRole(held: Role, needed: Role): boolean {
  return held === needed || held === 'admin' || needed === 'viewer';
}

/** What is kept of an API key beside its digest. */
export interface ApiKeyRecord {
  readonly keyId: string;
  readonly role: Role;
  readonly name: string;
  readonly createdAtMs: number;
}
