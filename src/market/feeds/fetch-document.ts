import { EbbflowError } from '../../domain/errors.js';
import type { PriceSeries } from '../../domain/price.js';
import { MAX_PRICE_FILE_CHARACTERS } from '../price-file.js';
import type { FeedWindow, PriceFeed } from './price-feed.js';

/** A feed that does not answer in this time counts as failed. */
const TIMEOUT_MS = 30_000;
/** No service is left alone for longer than this, whatever it asks for. */
const LONGEST_RETRY_AFTER_MS = 60 * 60_000;

/** What came of one question. `refused`: the service will not answer this question however often it is asked. */
export type FeedAnswer =
  | { readonly status: 'series'; readonly series: readonly PriceSeries[] }
  | { readonly status: 'not-published' }
  | { readonly status: 'failed' | 'refused'; readonly because: string; readonly retryAfterMs?: number };

/** Asks a feed once. Never throws; the text of a failure holds no address, for it may hold a token. */
export async function askFeed(feed: PriceFeed, window: FeedWindow, stop: AbortSignal): Promise<FeedAnswer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(feed.url(window), {
      signal: AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]),
      headers: { accept: 'application/json, application/xml', 'user-agent': 'ebbflow' },
    });
    text = await readBody(response);
  } catch (error) {
    return { status: 'failed', because: whyOf(error) };
  }
  if (feed.isEmptyAnswer(response.status, text)) return { status: 'not-published' };
  if (!response.ok) return failureOf(response);
  try {
    return { status: 'series', series: feed.parse(text) };
  } catch (error) {
    if (error instanceof EbbflowError && error.code === 'INVALID_INPUT') {
      return { status: 'failed', because: error.message };
    }
    throw error;
  }
}

async function readBody(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_PRICE_FILE_CHARACTERS) {
      throw new Error(`the answer is longer than ${MAX_PRICE_FILE_CHARACTERS} characters`);
    }
  }
  return text + decoder.decode();
}

/** 429 and 5xx pass; any other refusal is about the question (token, tariff, zone). */
function failureOf(response: Response): FeedAnswer {
  const because = `HTTP ${response.status}`;
  if (response.status !== 429 && response.status !== 408 && response.status < 500) {
    return { status: 'refused', because };
  }
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return seconds > 0
    ? { status: 'failed', because, retryAfterMs: Math.min(seconds * 1000, LONGEST_RETRY_AFTER_MS) }
    : { status: 'failed', because };
}

/** `fetch failed` says nothing; its cause does. */
function whyOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
