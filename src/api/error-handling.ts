import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { EbbflowError, ERROR_CATALOGUE, type ErrorCode, invalidInput } from '../domain/errors.js';
import type { Logger } from '../ports/logger.js';
import type { ApiServer } from './api-server.js';
import { PROBLEM_CONTENT_TYPE, problemDocument } from './documents/problem-document.js';
import { invalidRequest } from './validation.js';

/** Makes every failure of every route an RFC 9457 document of the error catalogue. */
export function handleErrors(app: ApiServer, logger: Logger): void {
  app.setSchemaErrorFormatter((errors, part) => invalidRequest(errors, part));
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, logger));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      new EbbflowError('NOT_FOUND', `${request.method} ${pathOf(request)} does not exist`),
      request,
      reply,
      logger,
    ),
  );
}

/** Answers with the problem document of any thrown value; logs what the caller may not see. */
export function sendProblem(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply {
  const error = catalogued(thrown);
  const { status } = ERROR_CATALOGUE[error.code];
  if (status >= 500)
    logger.error(
      { event: 'request-failed', method: request.method, path: pathOf(request), err: thrown },
      error.message,
    );
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="ebbflow"');
  return reply
    .code(status)
    .type(PROBLEM_CONTENT_TYPE)
    .serializer((document: object) => JSON.stringify(document))
    .send(problemDocument(error));
}

/** Fastify's own refusals by its error codes; what is not known here is ours to log and hide. */
const CODE_OF_FASTIFY_ERROR: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_BODY_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
};

function catalogued(thrown: unknown): EbbflowError {
  if (thrown instanceof EbbflowError) return thrown;
  if (!isFastifyError(thrown)) return new EbbflowError('INTERNAL', 'Unexpected failure', { cause: thrown });
  const code = CODE_OF_FASTIFY_ERROR[thrown.code];
  if (code !== undefined) return new EbbflowError(code, thrown.message, { cause: thrown });
  // Bad JSON, an empty body, a URL that cannot be decoded.
  if (thrown.statusCode !== undefined && thrown.statusCode >= 400 && thrown.statusCode < 500)
    return invalidInput('request', thrown.message);
  return new EbbflowError('INTERNAL', 'Unexpected failure', { cause: thrown });
}

function isFastifyError(thrown: unknown): thrown is FastifyError {
  return (
    thrown instanceof Error &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    thrown.code.startsWith('FST_')
  );
}

const pathOf = (request: FastifyRequest) => request.url.split('?', 1)[0] ?? request.url;
