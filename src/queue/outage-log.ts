import type { Logger } from '../ports/logger.js';

export interface OutageLog {
  failed(error: Error): void;
  recovered(): void;
}

/** One line when the backend goes away and one when it is back, not one per attempt. */
export function createOutageLog(what: string, logger: Logger): OutageLog {
  let away = false;
  return {
    failed(error) {
      if (!away) logger.warn({ error: error.message }, `${what} does not answer`);
      away = true;
    },
    recovered() {
      if (away) logger.info({}, `${what} answers again`);
      away = false;
    },
  };
}
