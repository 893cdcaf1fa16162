import { isStationId, type StationId } from '../../domain/ids.js';

/** Path under which stations connect: `/ocpp/{stationId}`. */
export const OCPP_PATH = '/ocpp';

export type StationPath =
  | { readonly found: true; readonly stationId: StationId }
  | { readonly found: false; readonly fault: 'other-path' | 'bad-encoding' | 'bad-identity' };

/**
 * Station identity of a request target such as `/ocpp/HX22-000714?x=1`, percent-decoded (OCPP 2.1 Part 4,
 * 3.1.1). The query is ignored; deeper paths are another resource.
 */
export function parseStationPath(requestTarget: string): StationPath {
  const [path = ''] = requestTarget.split('?', 1);
  if (!path.startsWith(`${OCPP_PATH}/`)) return { found: false, fault: 'other-path' };
  const segment = path.slice(OCPP_PATH.length + 1);
  if (segment === '' || segment.includes('/')) return { found: false, fault: 'other-path' };
  let identity: string;
  try {
    identity = decodeURIComponent(segment);
  } catch {
    return { found: false, fault: 'bad-encoding' };
  }
  if (!isStationId(identity)) return { found: false, fault: 'bad-identity' };
  return { found: true, stationId: identity };
}

/**
 * Connection URL of a station: the CSMS's end point, a slash, the percent-encoded identity.
 * `endpoint` ends in {@link OCPP_PATH}, e.g. `ws://127.0.0.1:9220/ocpp`; a bare `ws://host:port` gets it.
 */
export function stationUrl(endpoint: string, stationId: StationId): string {
  const url = new URL(endpoint);
  const path = url.pathname === '/' ? OCPP_PATH : url.pathname.replace(/\/+$/, '');
  return `${url.protocol}//${url.host}${path}/${encodeURIComponent(stationId)}`;
}
