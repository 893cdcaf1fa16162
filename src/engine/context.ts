import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';
import type { Secrets } from '../ports/secrets.js';
import type { StationLink } from '../ports/station-link.js';
import type { Store } from '../ports/store.js';
import type { Announcer } from './announcer.js';
import type { EngineSettings } from './settings.js';
import type { EngineState } from './state.js';

/** What every part of the engine works with. */
export interface EngineContext {
  readonly clock: Clock;
  readonly store: Store;
  readonly secrets: Secrets;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly settings: EngineSettings;
  readonly state: EngineState;
  readonly announcer: Announcer;
  /** Real time for measuring durations, milliseconds; never decides anything. */
  readonly stopwatchMs: () => number;
}

/** The link exists only after the gateway was opened, which needs the engine's ears first. */
export interface LinkedContext extends EngineContext {
  readonly link: () => StationLink;
}
