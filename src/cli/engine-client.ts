import type { Config } from '../config.js';
import { EbbflowError, type ErrorCode } from '../domain/errors.js';

interface Problem {
  readonly title?: string;
  readonly detail?: string;
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_INPUT',
  401: 'UNAUTHENTICATED',
  404: 'NOT_FOUND',
};

/** One call to a running engine on this machine, with the bootstrap admin key. Throws what the engine answers. */
export async function callEngine(
  config: Config,
  request:
    | { method: 'POST' | 'PUT'; path: string; contentType: string; body: string }
    | { method: 'GET' | 'POST' | 'DELETE'; path: string },
  /** Why the engine is asked at all, when it does not answer. */
  lead = 'Another process uses the data directory, and ',
): Promise<unknown> {
  if (config.adminKey === undefined) {
    throw new EbbflowError('UNAUTHENTICATED', 'EBBFLOW_ADMIN_KEY: is needed to talk to the running engine');
  }
  const address = `http://${config.host}:${config.httpPort}`;
  let response: Response;
  try {
    response = await fetch(`${address}${request.path}`, {
      method: request.method,
      headers: {
        authorization: `Bearer ${config.adminKey}`,
        ...('body' in request ? { 'content-type': request.contentType } : {}),
      },
      ...('body' in request ? { body: request.body } : {}),
    });
  } catch (error) {
    throw new EbbflowError(
      'STORE_UNAVAILABLE',
      `${lead}no engine answers at ${address}; EBBFLOW_HOST and EBBFLOW_HTTP_PORT say where it serves`,
      { cause: error },
    );
  }
  if (response.status === 204) return undefined;
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const { title, detail } = answer as Problem;
  throw new EbbflowError(CODES[response.status] ?? 'CONFLICT', detail ?? title ?? `HTTP ${response.status}`);
}
