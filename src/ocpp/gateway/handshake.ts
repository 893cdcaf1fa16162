import { assertNever } from '../../domain/assert.js';
import type { StationId } from '../../domain/ids.js';
import type { Admission, StationEvents } from '../../ports/station-events.js';
import { parseStationPath } from '../wire/station-url.js';
import { parseBasicAuth } from './basic-auth.js';
import type { PasswordLine } from './password-line.js';
import type { CertificateProof } from './station-certificate.js';

export type HandshakeOutcome =
  | { readonly kind: 'admitted'; readonly stationId: StationId; readonly securityProfile: SecurityProfile }
  | { readonly kind: HandshakeRefusal; readonly stationId?: StationId; readonly detail?: string };

/** OCPP's security profiles; 0 = none, in `open` mode. */
export type SecurityProfile = 0 | 1 | 2 | 3;

export type HandshakeRefusal =
  | 'no-such-path'
  | 'not-encrypted'
  | 'no-credentials'
  | 'other-user'
  | 'no-certificate'
  | 'untrusted-certificate'
  | 'other-certificate'
  | 'unknown-station'
  | 'wrong-password'
  | 'too-many-attempts'
  | 'not-now';

/** What is known of who asks, before it says anything in OCPP. */
export interface HandshakeRequest {
  readonly url?: string | undefined;
  readonly authorization?: string | undefined;
  readonly isEncrypted: boolean;
  readonly certificate: CertificateProof;
  readonly peerAddress: string;
  /** Hung up meanwhile. */
  readonly isGone: () => boolean;
}

export interface HandshakeRules {
  readonly auth: 'basic' | 'open';
  /** Whether this peer may come without TLS. */
  readonly mayBePlain: boolean;
  readonly needsCertificate: boolean;
  readonly attempts: HandshakeAttempts;
  readonly line: PasswordLine;
}

/** Who has tried too often to be looked at again now. */
export interface HandshakeAttempts {
  /** Whether the station may be tried for; asked before its password is looked at. */
  mayTry(stationId: StationId, peerAddress: string): boolean;
  /** Whether it gave the right password from this address before. */
  wasHere(stationId: StationId, peerAddress: string): boolean;
  wrongPassword(stationId: StationId, peerAddress: string): void;
  rightPassword(stationId: StationId, peerAddress: string): void;
  /** The station was sent away for its faults; it may come back after a while. */
  shutOut(stationId: StationId): void;
}

/**
 * Who asks for a connection, and whether it gets one. The identity in the URL must be the one of the
 * certificate or the user of the credentials (OCPP 2.1 Part 4, 3.1; Part 2 A00.FR.204). A certificate that is
 * shown decides alone: a bad one is not made good by a password. A registry that does not answer refuses for
 * now.
 */
export async function judgeHandshake(
  request: HandshakeRequest,
  rules: HandshakeRules,
  events: Pick<StationEvents, 'admit'>,
  onFailure: (error: unknown) => void,
): Promise<HandshakeOutcome> {
  const path = parseStationPath(request.url ?? '');
  if (!path.found) return { kind: 'no-such-path' };
  const { stationId } = path;
  const claim = claimOf(request, rules, stationId);
  if (claim.kind !== 'claims') return { ...claim, stationId };
  const { securityProfile, password } = claim;
  const { peerAddress } = request;
  if (!rules.attempts.mayTry(stationId, peerAddress)) return { kind: 'too-many-attempts', stationId };
  let admission: Admission | undefined;
  try {
    admission = await admissionOf(request, rules, events, { stationId, password });
  } catch (error) {
    onFailure(error);
    return { kind: 'not-now', stationId };
  }
  if (admission === undefined) return { kind: 'not-now', stationId, detail: 'too many log in at once' };
  if (!admission.admitted) {
    if (admission.reason === 'wrong-password') rules.attempts.wrongPassword(stationId, peerAddress);
    return { kind: admission.reason, stationId };
  }
  if (password !== undefined) rules.attempts.rightPassword(stationId, peerAddress);
  return { kind: 'admitted', stationId, securityProfile };
}

/** Undefined when it was not looked at. */
function admissionOf(
  { peerAddress, isGone }: HandshakeRequest,
  { attempts, line }: HandshakeRules,
  events: Pick<StationEvents, 'admit'>,
  { stationId, password }: { readonly stationId: StationId; readonly password: string | undefined },
): Promise<Admission | undefined> {
  if (password === undefined) return events.admit(stationId, password);
  const wasHere = attempts.wasHere(stationId, peerAddress);
  return line.pass({ stationId, peerAddress, wasHere, isGone }, () => events.admit(stationId, password));
}

type Claim =
  | { readonly kind: 'claims'; readonly securityProfile: SecurityProfile; readonly password?: string }
  | { readonly kind: HandshakeRefusal; readonly detail?: string };

/** How the peer means to prove that it is `stationId`. */
function claimOf(request: HandshakeRequest, rules: HandshakeRules, stationId: StationId): Claim {
  const { certificate, isEncrypted } = request;
  if (!isEncrypted && !rules.mayBePlain) return { kind: 'not-encrypted' };
  if (certificate.kind === 'untrusted') return { kind: 'untrusted-certificate', detail: certificate.reason };
  if (certificate.kind === 'trusted') {
    return certificate.identities.includes(stationId)
      ? { kind: 'claims', securityProfile: 3 }
      : { kind: 'other-certificate' };
  }
  if (rules.needsCertificate) return { kind: 'no-certificate' };
  if (rules.auth === 'open') return { kind: 'claims', securityProfile: 0 };
  const credentials = parseBasicAuth(request.authorization);
  if (credentials === undefined) return { kind: 'no-credentials' };
  if (credentials.user !== stationId) return { kind: 'other-user' };
  return { kind: 'claims', securityProfile: isEncrypted ? 2 : 1, password: credentials.password };
}

/** HTTP status line of a refusal. An unknown identity is 404 (OCPP 2.1 Part 4, 3.3). */
export function statusOfRefusal(refusal: HandshakeRefusal): string {
  switch (refusal) {
    case 'no-such-path':
    case 'unknown-station':
      return '404 Not Found';
    case 'no-credentials':
    case 'other-user':
    case 'wrong-password':
    case 'no-certificate':
    case 'untrusted-certificate':
    case 'other-certificate':
      return '401 Unauthorized';
    case 'not-encrypted':
      return '403 Forbidden';
    case 'too-many-attempts':
      return '429 Too Many Requests';
    case 'not-now':
      return '503 Service Unavailable';
    default:
      return assertNever(refusal);
  }
}
