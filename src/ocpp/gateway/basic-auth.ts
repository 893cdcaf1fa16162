export interface BasicCredentials {
  readonly user: string;
  readonly password: string;
}

/** Reads an `Authorization: Basic …` header (RFC 7617, UTF-8). Undefined when it is missing or unreadable. */
export function parseBasicAuth(header: string | undefined): BasicCredentials | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
