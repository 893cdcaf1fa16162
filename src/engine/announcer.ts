import type { Alarm, EngineEvent } from '../ports/engine-events.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';

/** Alarms kept for those who ask later. */
const KEPT_ALARMS = 200;

/** Tells subscribers what happens. A subscriber that throws is logged and does not stop the others. */
export interface Announcer {
  publish(event: EngineEvent): void;
  alarm(alarm: Alarm): void;
  alarms(): readonly Alarm[];
  subscribe(listener: (event: EngineEvent) => void): () => void;
  /** Whether anybody listens: costly events are not made for nobody. */
  isHeard(): boolean;
}

export function createAnnouncer(logger: Logger, metrics: Metrics): Announcer {
  const listeners = new Set<(event: EngineEvent) => void>();
  const alarms: Alarm[] = [];
  const publish = (event: EngineEvent): void => {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        logger.error({ err: error, kind: event.kind }, 'a listener of engine events failed');
      }
    }
  };
  return {
    publish,
    alarm(alarm) {
      alarms.push(alarm);
      if (alarms.length > KEPT_ALARMS) alarms.shift();
      metrics.count('alarms_total', { code: alarm.code });
      logger.warn({ ...alarm }, 'alarm');
      publish({ kind: 'alarm', alarm });
    },
    alarms: () => alarms,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    isHeard: () => listeners.size > 0,
  };
}
