import type { TransactionEvent } from '../../domain/transaction-event.js';

/** A station's clock may be so far ahead of ours and is believed. */
const AHEAD_MS = 5 * 60_000;

/**
 * The event with nothing in it later than its receipt: what a clock that runs ahead dates into the future
 * counts as now, or one absurd date would hold the books until then.
 */
export function heldToReceipt(
  event: TransactionEvent,
  receivedAtMs: number,
): { event: TransactionEvent; clockAhead: boolean } {
  const isAhead = (atMs: number) => atMs > receivedAtMs + AHEAD_MS;
  if (!isAhead(event.atMs) && !event.readings.some((reading) => isAhead(reading.atMs))) {
    return { event, clockAhead: false };
  }
  const held = (atMs: number) => (isAhead(atMs) ? receivedAtMs : atMs);
  return {
    clockAhead: true,
    event: {
      ...event,
      atMs: held(event.atMs),
      readings: event.readings.map((reading) => ({ ...reading, atMs: held(reading.atMs) })),
    },
  };
}
