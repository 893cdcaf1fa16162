import type { PriceSeries } from '../../domain/price.js';

/** [fromMs, toMs), epoch. */
export interface FeedWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A service that publishes the prices of one zone, asked once per document. Pure: it asks nothing itself. */
export interface PriceFeed {
  /** For logs and alarms: `energy-charts DE-LU`. */
  readonly name: string;
  readonly zone: string;
  /** IANA name; delivery days begin at its midnight. */
  readonly timeZone: string;
  /** Wall-clock time on the day before delivery from which on the prices are to be expected. */
  readonly publishedLocal: string;
  /** The question for a window of whole delivery days. May hold a secret: never log it. */
  url(window: FeedWindow): URL;
  /** The answer as series of one slot length each. INVALID_INPUT names place and fault. */
  parse(text: string): readonly PriceSeries[];
  /** Whether an answer says that there is nothing yet, in the service's own way. */
  isEmptyAnswer(status: number, text: string): boolean;
}
