import type { Config } from '../config.js';
import { EbbflowError } from '../domain/errors.js';

interface Problem {
  readonly title?: string;
  readonly detail?: string;
}

/** One call to a running engine on this machine, with the bootstrap admin key. Throws what the engine answers. */
export async function callEngine(
  config: Config,
  request: { method: 'POST' | 'PUT'; path: string; contentType: string; body: string },
): Promise<unknown> {
  if (config.adminKey === undefined) {
    throw new EbbflowError('UNAUTHENTICATED', 'EBBFLOW_ADMIN_KEY: is needed to talk to the running engine');
  }
  const response = await fetch(`http://${config.host}:${config.httpPort}${request.path}`, {
    method: request.method,
    headers: { authorization: `Bearer ${config.adminKey}`, 'content-type': request.contentType },
    body: request.body,
  });
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const { title, detail } = answer as Problem;
  throw new EbbflowError(
    response.status === 400 ? 'INVALID_INPUT' : 'CONFLICT',
    detail ?? title ?? `HTTP ${response.status}`,
  );
}
