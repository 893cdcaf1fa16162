import { expect, it } from 'vitest';
import { asTransactionId } from '../../../src/domain/ids.js';
import type { TransactionEvent } from '../../../src/domain/transaction-event.js';
import { heldToReceipt, isDatedAhead, isDatedByStoppedClock } from '../../../src/engine/metering/receipt.js';
import { observeClock } from '../../../src/engine/sessions/station-clock.js';

const NOW_MS = Date.UTC(2026, 0, 20, 12);
const eventAt = (atMs: number, readingMs: number): TransactionEvent => ({
  kind: 'updated',
  transactionId: asTransactionId('tx'),
  seqNo: 1,
  atMs,
  trigger: 'MeterValuePeriodic',
  offline: false,
  readings: [{ atMs: readingMs, context: 'periodic', importRegisterWh: 5 }],
});

it('believes a station whose clock is right, late or a little ahead', () => {
  for (const atMs of [NOW_MS, NOW_MS - 3_600_000, NOW_MS + 60_000]) {
    const event = eventAt(atMs, atMs);
    expect(heldToReceipt(event, NOW_MS)).toEqual({ event });
  }
});

it('counts what is dated into the future as of its receipt', () => {
  const future = Date.UTC(2030, 0, 1);
  expect(heldToReceipt(eventAt(NOW_MS, future), NOW_MS)).toEqual({
    event: eventAt(NOW_MS, NOW_MS),
    flag: 'clock-ahead',
  });
  expect(heldToReceipt(eventAt(future, NOW_MS), NOW_MS).event.atMs).toBe(NOW_MS);
});

it('counts what a clock that stands still dates as of its receipt, but not what waited at the station', () => {
  const stoodMs = NOW_MS - 600_000;
  const first = observeClock(undefined, stoodMs, stoodMs);
  const clock = observeClock(observeClock(first, stoodMs, NOW_MS - 60_000), stoodMs, NOW_MS);
  expect(heldToReceipt(eventAt(stoodMs, stoodMs), NOW_MS, clock)).toEqual({
    event: eventAt(NOW_MS, NOW_MS),
    flag: 'clock-stopped',
  });
  const waited = { ...eventAt(stoodMs, stoodMs), offline: true };
  expect(heldToReceipt(waited, NOW_MS, clock)).toEqual({ event: waited });
});

it('a date is ahead from five minutes after its receipt on', () => {
  expect([0, 300_000, 300_001].map((ahead) => isDatedAhead(NOW_MS + ahead, NOW_MS))).toEqual([
    false,
    false,
    true,
  ]);
});

it('a date is of a stopped clock only when that clock shows it', () => {
  const stoodMs = NOW_MS - 600_000;
  const first = observeClock(undefined, stoodMs, stoodMs);
  expect(isDatedByStoppedClock(eventAt(stoodMs, stoodMs), first)).toBe(false);
  const clock = observeClock(observeClock(first, stoodMs, NOW_MS - 60_000), stoodMs, NOW_MS);
  expect(isDatedByStoppedClock(eventAt(stoodMs, stoodMs), clock)).toBe(true);
  expect(isDatedByStoppedClock(eventAt(stoodMs - 5_000, stoodMs), clock)).toBe(false);
});
