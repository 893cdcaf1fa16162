import { describe, expect, it } from 'vitest';
import { CallFailure } from '../../src/ocpp/wire/rpc-error.js';
import type { TransactionEventRequest } from '../../src/ocpp/wire/transaction-messages.js';
import { type OutboxQuirks, TIDY } from '../../src/simulator/outbox-quirks.js';
import { seededRandom } from '../../src/simulator/seeded-random.js';
import { MAX_OUTBOX_EVENTS, TransactionOutbox } from '../../src/simulator/transaction-outbox.js';
import { FakeClock } from '../support/fake-clock.js';

const event = (seqNo: number, eventType: TransactionEventRequest['eventType'] = 'Updated') => ({
  eventType,
  timestamp: '2026-01-20T18:00:00Z',
  triggerReason: 'MeterValuePeriodic' as const,
  seqNo,
  transactionInfo: { transactionId: 'tx-1' },
});

/** An outbox towards a CSMS whose answers a test scripts: by default all are taken. */
function outboxTo(csms: { linked: boolean; failure?: CallFailure }, odd: Partial<OutboxQuirks> = {}) {
  const clock = new FakeClock();
  const sent: number[] = [];
  const lost: number[] = [];
  const outbox = new TransactionOutbox({
    clock,
    canSend: () => csms.linked,
    send: async ({ seqNo }) => {
      sent.push(seqNo);
      if (csms.failure) throw csms.failure;
      return {};
    },
    quirks: { ...TIDY, ...odd },
    random: seededRandom(5),
    attempts: () => 3,
    attemptIntervalS: () => 10,
    onAnswer: () => {},
    onLost: ({ seqNo }) => lost.push(seqNo),
  });
  return { clock, outbox, sent, lost };
}

describe('the outbox of transaction events', () => {
  it('sends in order, with the clock held until it is empty', async () => {
    const { clock, outbox, sent } = outboxTo({ linked: true });
    for (const seqNo of [0, 1, 2]) outbox.add(event(seqNo));
    expect(clock.isHeld).toBe(true);
    await outbox.pump();
    expect(sent).toEqual([0, 1, 2]);
    expect(clock.isHeld).toBe(false);
  });

  it('keeps everything while there is no link, and holds no clock', async () => {
    const csms = { linked: false };
    const { clock, outbox, sent } = outboxTo(csms);
    for (const seqNo of [0, 1]) outbox.add(event(seqNo));
    expect(clock.isHeld).toBe(false);
    expect(outbox.size).toBe(2);
    csms.linked = true;
    await outbox.linkRestored();
    expect(sent).toEqual([0, 1]);
  });

  it('waits longer after each refusal, then gives the event up and goes on (E13.FR.03)', async () => {
    const csms = { linked: true, failure: new CallFailure('refused', 'InternalError') };
    const { clock, outbox, sent, lost } = outboxTo(csms);
    outbox.add(event(0));
    await clock.advanceTo(9_999);
    expect(sent).toEqual([0]);
    await clock.advanceTo(10_000);
    expect(sent).toEqual([0, 0]);
    await clock.advanceTo(29_999);
    expect(sent).toEqual([0, 0]);
    await clock.advanceTo(30_000);
    expect(sent).toEqual([0, 0, 0]);
    expect(lost).toEqual([0]);
    expect(outbox.size).toBe(0);
  });

  it('does not count a broken link as a try', async () => {
    const csms: { linked: boolean; failure?: CallFailure } = {
      linked: true,
      failure: new CallFailure('closed', 'gone'),
    };
    const { outbox, lost } = outboxTo(csms);
    outbox.add(event(0));
    for (let round = 0; round < 10; round++) await outbox.linkRestored();
    expect(lost).toEqual([]);
    expect(outbox.size).toBe(1);
  });

  it('drops every other Updated when it is full, never Started or Ended (E11.FR.05)', () => {
    const { outbox, lost } = outboxTo({ linked: false });
    outbox.add(event(0, 'Started'));
    for (let seqNo = 1; seqNo < MAX_OUTBOX_EVENTS; seqNo++) outbox.add(event(seqNo));
    expect(lost).toEqual([]);
    outbox.add(event(MAX_OUTBOX_EVENTS, 'Ended'));
    expect(lost.length).toBe(Math.floor((MAX_OUTBOX_EVENTS - 1) / 2));
    expect(lost).not.toContain(0);
    expect(lost).not.toContain(MAX_OUTBOX_EVENTS);
  });
});

describe('an outbox with quirks', () => {
  it('holds Updated events back until enough are there, and lets go of all at the end', async () => {
    const { outbox, sent } = outboxTo({ linked: true }, { holdsBack: 3 });
    outbox.add(event(0, 'Started'));
    await outbox.pump();
    outbox.add(event(1));
    outbox.add(event(2));
    await outbox.pump();
    expect(sent).toEqual([0]);
    expect(outbox.holds('tx-1')).toBe(true);
    outbox.add(event(3));
    await outbox.pump();
    expect(sent).toEqual([0, 1, 2, 3]);
    outbox.add(event(4));
    outbox.add(event(5, 'Ended'));
    await outbox.pump();
    expect(sent).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('shuffles what waits, but for the start', async () => {
    const csms = { linked: false };
    const { outbox, sent } = outboxTo(csms, { shuffles: true });
    for (let seqNo = 9; seqNo >= 0; seqNo--) outbox.add(event(seqNo, seqNo === 0 ? 'Started' : 'Updated'));
    csms.linked = true;
    await outbox.linkRestored();
    expect(sent[0]).toBe(0);
    expect([...sent].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(sent).not.toEqual([0, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('sends twice what was answered, and again what got its answer lost', async () => {
    const twice = outboxTo({ linked: true }, { repeatShare: 1 });
    twice.outbox.add(event(0));
    await twice.outbox.pump();
    expect(twice.sent).toEqual([0, 0]);
    const lossy = outboxTo({ linked: true }, { lostAnswerShare: 1 });
    lossy.outbox.add(event(0));
    await lossy.outbox.pump();
    expect([lossy.sent, lossy.outbox.size]).toEqual([[0], 1]);
    await lossy.clock.advanceTo(lossy.clock.nowMs() + 10_000);
    await lossy.outbox.pump();
    expect(lossy.sent).toEqual([0, 0]);
  });
});
