import { assertNever } from '../../domain/assert.js';
import type { StationId } from '../../domain/ids.js';
import type { Admission, StationEvents } from '../../ports/station-events.js';
import { parseStationPath } from '../wire/station-url.js';
import { parseBasicAuth } from './basic-auth.js';

export type HandshakeOutcome =
  | { readonly kind: 'admitted'; readonly stationId: StationId }
  | { readonly kind: HandshakeRefusal; readonly stationId?: StationId };

export type HandshakeRefusal =
  | 'no-such-path'
  | 'no-credentials'
  | 'other-user'
  | 'unknown-station'
  | 'wrong-password'
  | 'not-now';

/**
 * Who asks for a connection, and whether it gets one. The identity in the URL must be the user of the
 * credentials (OCPP 2.1 Part 4, 3.1; Part 2 A00.FR.204). A registry that does not answer refuses for now.
 */
export async function judgeHandshake(
  request: { readonly url?: string | undefined; readonly authorization?: string | undefined },
  auth: 'basic' | 'open',
  events: Pick<StationEvents, 'admit'>,
  onFailure: (error: unknown) => void,
): Promise<HandshakeOutcome> {
  const path = parseStationPath(request.url ?? '');
  if (!path.found) return { kind: 'no-such-path' };
  const { stationId } = path;
  let password: string | undefined;
  if (auth === 'basic') {
    const credentials = parseBasicAuth(request.authorization);
    if (credentials === undefined) return { kind: 'no-credentials', stationId };
    if (credentials.user !== stationId) return { kind: 'other-user', stationId };
    password = credentials.password;
  }
  let admission: Admission;
  try {
    admission = await events.admit(stationId, password);
  } catch (error) {
    onFailure(error);
    return { kind: 'not-now', stationId };
  }
  return admission.admitted ? { kind: 'admitted', stationId } : { kind: admission.reason, stationId };
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
      return '401 Unauthorized';
    case 'not-now':
      return '503 Service Unavailable';
    default:
      return assertNever(refusal);
  }
}
