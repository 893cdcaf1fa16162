import type { Logger } from '../../ports/logger.js';
import { type BucketSize, TokenBucket } from '../wire/token-bucket.js';

export interface LimitedLog extends Logger {
  /** Says what was left out since the last line, if anything. */
  close(): void;
}

/** Different messages that are counted apart; the rest is one sum. */
const MAX_KINDS = 50;

/**
 * A log whose lines somebody else can cause: no more than the size allows are written, the others counted by
 * message and told with the next line that is.
 */
export function limitLog(
  logger: Logger,
  size: BucketSize,
  monotonicMs: () => number,
  fields: object = {},
): LimitedLog {
  const bucket = new TokenBucket(size, monotonicMs);
  let leftOut = new Map<string, number>();

  function tellLeftOut(): void {
    if (leftOut.size === 0) return;
    logger.warn({ ...fields, leftOut: Object.fromEntries(leftOut) }, 'log lines left out');
    leftOut = new Map();
  }
  const limited =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (what: object, message: string): void => {
      if (bucket.take()) {
        tellLeftOut();
        logger[level](what, message);
        return;
      }
      const kind = leftOut.has(message) || leftOut.size < MAX_KINDS ? message : 'other';
      leftOut.set(kind, (leftOut.get(kind) ?? 0) + 1);
    };
  return {
    debug: limited('debug'),
    info: limited('info'),
    warn: limited('warn'),
    error: limited('error'),
    close: tellLeftOut,
  };
}
