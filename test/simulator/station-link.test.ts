import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RpcError } from '../../src/ocpp/wire/rpc-error.js';
import { iso, PLUG_IN, StationBench, setpoint } from './station-bench.js';
import { EVENING, HOUR, MINUTE, sessionPlan, stationPlan } from './test-sessions.js';

let bench: StationBench;

beforeEach(async () => {
  bench = await StationBench.open();
});

afterEach(() => bench.close());

describe('the link', () => {
  it('gives user and password by Basic authentication', async () => {
    bench.csms.password = 'a long enough password';
    await bench.run({ ...stationPlan([sessionPlan()]), password: bench.csms.password });
    expect(bench.fleet.online()).toBe(1);
    const expected = Buffer.from('HX-1:a long enough password').toString('base64');
    expect(bench.csms.authorizations).toEqual([`Basic ${expected}`]);
  });

  it('tries again with growing waits while it is refused, and is on when it is let in', async () => {
    bench.csms.password = 'another password';
    await bench.run({ ...stationPlan([sessionPlan()]), password: 'wrong' });
    expect(bench.fleet.online()).toBe(0);
    await bench.clock.advanceTo(EVENING + 2 * MINUTE);
    const attempts = bench.csms.authorizations.length;
    expect(attempts).toBeGreaterThan(2);
    expect(attempts).toBeLessThan(6);
    bench.csms.password = undefined;
    await bench.clock.advanceTo(EVENING + 15 * MINUTE);
    expect(bench.fleet.online()).toBe(1);
  });

  it('keeps the events of a broken link, marks them offline, and sends them in order without a new boot', async () => {
    bench.answerNeedsWith([setpoint(0, 5_000)]);
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(PLUG_IN + 10 * MINUTE);
    await bench.linkLost();
    await bench.clock.advanceTo(PLUG_IN + 40 * MINUTE);
    expect(bench.fleet.waitingEvents()).toBeGreaterThan(3);
    await bench.csms.listen();
    await bench.clock.advanceTo(PLUG_IN + 2 * HOUR);
    expect(bench.fleet.waitingEvents()).toBe(0);
    const seqNos = bench.csms.events().map(({ seqNo }) => seqNo);
    expect(seqNos).toEqual(seqNos.map((_, index) => index));
    expect(bench.csms.events().filter(({ offline }) => offline).length).toBeGreaterThan(3);
    expect(bench.csms.heardOf('BootNotification').length).toBe(1);
    expect(bench.fleet.stats.eventsLost).toBe(0);
  });

  it('stops exporting when it has been offline for maxOfflineDuration', async () => {
    bench.answerNeedsWith([setpoint(0, -3_000)], { maxOfflineDuration: 600 });
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(PLUG_IN + 30 * MINUTE);
    await bench.linkLost();
    await bench.clock.advanceTo(PLUG_IN + HOUR);
    expect(bench.fleet.log.powerKwAt(PLUG_IN + 39 * MINUTE)).toBeCloseTo(-3, 9);
    expect(bench.fleet.log.powerKwAt(PLUG_IN + 41 * MINUTE)).toBeCloseTo(11, 9);
    await bench.csms.listen();
  });

  it('resends an event that the CSMS refused, and gives up after MessageAttempts (E13.FR.03)', async () => {
    let refusals = 0;
    bench.csms.handlers = {
      TransactionEvent: async ({ eventType }) => {
        if (eventType === 'Started' && refusals < 2) {
          refusals += 1;
          throw new Error('no store');
        }
        return {};
      },
    };
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(PLUG_IN + 10_000 - 1);
    expect(bench.csms.events().length).toBe(1);
    await bench.clock.advanceTo(PLUG_IN + 30_000);
    expect(bench.csms.events().filter(({ eventType }) => eventType === 'Started').length).toBe(3);
    expect(bench.fleet.stats.eventsLost).toBe(0);
  });

  it('starts a session that began without a link when the link comes', async () => {
    await bench.csms.die();
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(PLUG_IN + 5 * MINUTE);
    await bench.csms.listen();
    await bench.clock.advanceTo(PLUG_IN + HOUR);
    expect(bench.csms.events()[0]).toMatchObject({ eventType: 'Started', offline: true });
    expect(bench.csms.heardOf('NotifyEVChargingNeeds').length).toBe(1);
  });
});

describe('authorisation', () => {
  it('starts no transaction for a driver who is refused', async () => {
    bench.csms.handlers = { Authorize: async () => ({ idTokenInfo: { status: 'Invalid' } }) };
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(EVENING + 11 * HOUR);
    expect(bench.csms.events()).toEqual([]);
    expect(bench.fleet.log.sessions()[0]).toMatchObject({ outcome: 'refused', importWh: 0 });
  });

  it('ends a transaction whose token is withdrawn in the answer to Started', async () => {
    bench.csms.handlers = { TransactionEvent: async () => ({ idTokenInfo: { status: 'Blocked' } }) };
    await bench.run(stationPlan([sessionPlan()]));
    await bench.clock.advanceTo(PLUG_IN + HOUR);
    expect(bench.csms.events().at(-1)).toMatchObject({
      eventType: 'Ended',
      transactionInfo: { stoppedReason: 'DeAuthorized' },
    });
    expect(bench.fleet.log.totals().importKwh).toBe(0);
  });
});

it('takes a new boot when the CSMS has forgotten it', async () => {
  await bench.run(stationPlan([]));
  let forgotten = true;
  bench.csms.handlers = {
    Heartbeat: async () => {
      if (forgotten) throw new RpcError('SecurityError', 'boot first');
      return { currentTime: iso(bench.clock.nowMs()) };
    },
    BootNotification: async () => {
      forgotten = false;
      return { currentTime: iso(bench.clock.nowMs()), interval: 3600, status: 'Accepted' };
    },
  };
  await bench.clock.advanceTo(EVENING + 2 * HOUR);
  expect(bench.csms.heardOf('BootNotification').length).toBe(2);
  expect(bench.fleet.online()).toBe(1);
});

it('boots again after the interval while the CSMS says Pending, and sends nothing else', async () => {
  bench.csms.handlers = {
    BootNotification: async () => ({
      currentTime: iso(bench.clock.nowMs()),
      interval: 120,
      status: 'Pending',
    }),
  };
  await bench.run(
    stationPlan([sessionPlan({ plugInMs: EVENING + 10 * HOUR, plugOutMs: EVENING + 12 * HOUR })]),
  );
  await bench.clock.advanceTo(EVENING + 5 * MINUTE);
  expect(bench.csms.heard.map(({ action }) => action)).toEqual([
    'BootNotification',
    'BootNotification',
    'BootNotification',
  ]);
});

it('takes its time from the CSMS', async () => {
  const ahead = 3 * 24 * HOUR;
  bench.csms.handlers = {
    BootNotification: async () => ({
      currentTime: iso(bench.clock.nowMs() + ahead),
      interval: 3600,
      status: 'Accepted',
    }),
  };
  await bench.run(stationPlan([sessionPlan()]));
  await bench.clock.advanceTo(PLUG_IN + MINUTE);
  expect(bench.csms.events()[0]!.timestamp).toBe(iso(PLUG_IN + ahead));
  expect(bench.csms.heardOf('NotifyEVChargingNeeds')[0]!.chargingNeeds.departureTime).toBe(
    iso(PLUG_IN + 10 * HOUR + ahead),
  );
});

it('says its registers once more when it is stopped in the middle of a session', async () => {
  await bench.run(stationPlan([sessionPlan()]));
  await bench.clock.advanceTo(PLUG_IN + 7 * MINUTE);
  await bench.fleet.stop();
  const last = bench.csms.events().at(-1)!;
  expect(last).toMatchObject({ triggerReason: 'MeterValueClock', timestamp: iso(PLUG_IN + 7 * MINUTE) });
  // 7 minutes at 11 kW, at once and in full.
  expect(bench.fleet.log.totals()).toMatchObject({ importWh: 1283, exportWh: 0 });
});
