import { DateTime } from 'luxon';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { PriceSeries } from '../../domain/price.js';
import { type Clock, holding } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { PriceFault } from '../../ports/use-cases.js';
import { instantOf } from '../price-document.js';
import { askFeed } from './fetch-document.js';
import type { FeedWindow, PriceFeed } from './price-feed.js';

/** Days before today that are fetched at the start: bridges look back at them. */
const DAYS_BACK = 2;
/** Pause after the first, second, … attempt that left prices missing; the last one again and again. */
const PAUSES_MS = [1, 2, 4, 8, 15, 30].map((minutes) => minutes * MS_PER_MINUTE);
/** Complete prices are looked at again, for sources revise them. */
const REFRESH_MS = 6 * MS_PER_HOUR;
/** A late auction is no fault until so long after its time; nor is a first attempt that fails. */
const PATIENCE_MS = MS_PER_HOUR;

export interface PriceFeedsOptions {
  /** Of several for one zone the first is asked first, the others for what it lacks. */
  readonly feeds: readonly PriceFeed[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deliver: (series: PriceSeries) => Promise<unknown>;
  /** An alarm; once until the prices are complete again. */
  readonly tell: (fault: PriceFault) => void;
}

/**
 * Fetches what should be published, zone by zone: at the start, whenever an auction's results are due, and
 * again with growing pauses until they are there. The clock is held while a feed is asked.
 */
export function runPriceFeeds(options: PriceFeedsOptions): { stop(): Promise<void> } {
  const zones = new Map<string, PriceFeed[]>();
  for (const feed of options.feeds) zones.set(feed.zone, [...(zones.get(feed.zone) ?? []), feed]);
  const running = [...zones.values()].map((feeds) => runZone(feeds, options));
  return {
    async stop() {
      await Promise.all(running.map((zone) => zone.stop()));
    },
  };
}

function runZone(feeds: readonly PriceFeed[], options: PriceFeedsOptions): { stop(): Promise<void> } {
  const { clock, logger, deliver, tell } = options;
  const abort = new AbortController();
  const [first] = feeds as [PriceFeed];
  let cancel: (() => void) | undefined;
  let inHand: Promise<void> | undefined;
  let attempts = 0;
  let missingSinceMs: number | undefined;
  let isTold = false;
  let wasComplete = false;

  async function fetchOnce(): Promise<number> {
    const nowMs = clock.nowMs();
    const due = dueWindow(first, nowMs);
    const missing = new Missing(due);
    const faults: string[] = [];
    let pauseMs = 0;
    let isRefused = true;
    for (const feed of feeds) {
      if (missing.isNone()) break;
      const asked = wasComplete ? due : { ...due, fromMs: daysBefore(first, due.fromMs, DAYS_BACK) };
      const answer = await askFeed(feed, asked, abort.signal);
      if (abort.signal.aborted) return 0;
      if (answer.status !== 'refused') isRefused = false;
      switch (answer.status) {
        case 'series':
          for (const series of answer.series) {
            await deliver(series);
            missing.take(series);
          }
          if (!missing.isNone()) faults.push(`${feed.name}: not all published`);
          break;
        case 'not-published':
          faults.push(`${feed.name}: not published`);
          break;
        case 'failed':
        case 'refused':
          faults.push(`${feed.name}: ${answer.because}`);
          pauseMs = Math.max(pauseMs, answer.retryAfterMs ?? 0);
          logger.warn({ feed: feed.name, because: answer.because }, 'price feed failed');
      }
    }
    if (missing.isNone()) {
      logger.info({ zone: first.zone, until: instantOf(due.toMs) }, 'prices complete');
      attempts = 0;
      missingSinceMs = undefined;
      isTold = false;
      wasComplete = true;
      return Math.min(REFRESH_MS, nextPublicationMs(first, nowMs) - nowMs);
    }
    missingSinceMs ??= nowMs;
    if (!isTold && (isRefused || nowMs - missingSinceMs >= PATIENCE_MS)) {
      isTold = true;
      const text = `${first.zone}: prices ${missing.text()} are missing; ${faults.join('; ')}`;
      tell({ code: isRefused ? 'price-feed-refused' : 'price-feed-failed', text });
    }
    const pause = PAUSES_MS[Math.min(attempts, PAUSES_MS.length - 1)] ?? REFRESH_MS;
    attempts += 1;
    return Math.max(pause, pauseMs);
  }

  function run(): void {
    inHand = holding(clock, fetchOnce)
      .catch((error: unknown) => {
        logger.error({ err: error, zone: first.zone }, 'price feed not handled');
        return PAUSES_MS.at(-1) ?? REFRESH_MS;
      })
      .then((delayMs) => {
        if (!abort.signal.aborted) cancel = clock.after(delayMs, run);
      });
  }

  run();
  return {
    async stop() {
      abort.abort();
      cancel?.();
      await inHand;
    },
  };
}

/** What of a window no series has covered yet. */
class Missing {
  #gaps: FeedWindow[];

  constructor(window: FeedWindow) {
    this.#gaps = [window];
  }

  take({ startMs, slotMinutes, importPerKwh }: PriceSeries): void {
    const endMs = startMs + importPerKwh.length * slotMinutes * MS_PER_MINUTE;
    this.#gaps = this.#gaps.flatMap(({ fromMs, toMs }) =>
      [
        { fromMs, toMs: Math.min(toMs, startMs) },
        { fromMs: Math.max(fromMs, endMs), toMs },
      ].filter((gap) => gap.fromMs < gap.toMs),
    );
  }

  isNone(): boolean {
    return this.#gaps.length === 0;
  }

  text(): string {
    return this.#gaps.map(({ fromMs, toMs }) => `${instantOf(fromMs)} to ${instantOf(toMs)}`).join(', ');
  }
}

/** From the begin of the delivery day that holds now to the end of the last one that should be published. */
export function dueWindow(feed: Pick<PriceFeed, 'timeZone' | 'publishedLocal'>, nowMs: number): FeedWindow {
  const midnight = DateTime.fromMillis(nowMs, { zone: feed.timeZone }).startOf('day');
  const days = nowMs >= publicationOn(midnight, feed.publishedLocal) ? 2 : 1;
  return { fromMs: midnight.toMillis(), toMs: midnight.plus({ days }).toMillis() };
}

/** The next instant at which a day's prices are due. */
export function nextPublicationMs(
  feed: Pick<PriceFeed, 'timeZone' | 'publishedLocal'>,
  nowMs: number,
): number {
  const midnight = DateTime.fromMillis(nowMs, { zone: feed.timeZone }).startOf('day');
  const todayMs = publicationOn(midnight, feed.publishedLocal);
  return todayMs > nowMs ? todayMs : publicationOn(midnight.plus({ days: 1 }), feed.publishedLocal);
}

function publicationOn(midnight: DateTime, local: string): number {
  const [hour = 0, minute = 0] = local.split(':').map(Number);
  return midnight.set({ hour, minute }).toMillis();
}

function daysBefore(feed: PriceFeed, atMs: number, days: number): number {
  return DateTime.fromMillis(atMs, { zone: feed.timeZone }).minus({ days }).toMillis();
}
