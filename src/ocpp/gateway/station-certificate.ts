import { type PeerCertificate, TLSSocket } from 'node:tls';

/** What the peer proved of itself while TLS was set up. */
export type CertificateProof =
  /** It showed none, or the connection has no TLS. */
  | { readonly kind: 'none' }
  /** Signed by the stations' CA and in date; it may be any of these identities. */
  | { readonly kind: 'trusted'; readonly identities: readonly string[] }
  | { readonly kind: 'untrusted'; readonly reason: string };

/** The certificate of a peer as the TLS layer judged it. The server must have asked for one. */
export function certificateProofOf(socket: unknown): CertificateProof {
  if (!(socket instanceof TLSSocket)) return { kind: 'none' };
  const certificate = socket.getPeerCertificate();
  if (Object.keys(certificate).length === 0) return { kind: 'none' };
  // On a server this is the code of the failed check, e.g. CERT_HAS_EXPIRED, though its type says Error.
  if (!socket.authorized) return { kind: 'untrusted', reason: String(socket.authorizationError) };
  return { kind: 'trusted', identities: identitiesOf(certificate) };
}

/**
 * Station identities that a certificate names: its common name (OCPP 2.1 A00.FR.4xx: the CN holds the
 * station's identity) and its DNS alternative names. Compared letter by letter, as identities are; a
 * wildcard stands for nothing.
 */
export function identitiesOf({
  subject,
  subjectaltname,
}: Pick<PeerCertificate, 'subject' | 'subjectaltname'>): string[] {
  // A subject with several common names comes as a list.
  const commonNames = [subject.CN as string | readonly string[] | undefined].flat();
  return [...commonNames, ...dnsNames(subjectaltname ?? '')].filter(
    (name): name is string => name !== undefined && name !== '',
  );
}

/**
 * `DNS:a, URI:"b, DNS:c", …`: Node writes a value that could be taken for a second entry as a JSON string, so
 * quoted values are read as a whole.
 */
function dnsNames(text: string): string[] {
  const entries = text.matchAll(/([^:,\s]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g);
  return [...entries].flatMap(([, kind, value = '']) => (kind === 'DNS' ? [value] : []));
}
