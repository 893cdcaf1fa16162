/** Passwords, keys and random ids. The only source of randomness that the engine has. */
export interface Secrets {
  /** A new random UUID. */
  newId(): string;
  /** A new API key, URL-safe text with ≥ 128 bits of randomness. */
  newApiKey(): string;
  /** SHA-256 of a text (UTF-8), hex: what the store keeps of an API key, and what links of proofs. */
  digest(apiKey: string): string;
  /** Slow salted hash of a station password. */
  hashPassword(password: string): Promise<string>;
  /** Constant-time comparison; false for a malformed hash. */
  verifyPassword(password: string, hash: string): Promise<boolean>;
  /** Constant-time comparison of two texts. */
  equal(left: string, right: string): boolean;
}
