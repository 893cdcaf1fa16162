import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { asTransactionId } from '../../../src/domain/ids.js';
import { NOON_MS } from '../../support/engine/fixtures.js';
import { LiveRig } from '../../support/engine/live-rig.js';

const TX = 'tx-of-owner';
const NOW = new Date(NOON_MS).toISOString();

/** A raw station on a socket of its own: knows no message of ours, makes calls. */
class RawStation {
  readonly #socket: WebSocket;
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const [type, id] = JSON.parse(String(data)) as unknown[];
      if (type === 2) socket.send(JSON.stringify([4, id, 'NotSupported', '', {}]));
    });
  }

  static async boot(name: string): Promise<RawStation> {
    const { host, port } = rig.gateway.address;
    const socket = new WebSocket(`ws://${host}:${port}/ocpp/${name}`, ['ocpp2.1']);
    const station = new RawStation(socket);
    await once(socket, 'open');
    const chargingStation = { model: 'Raw', vendorName: 'Test' };
    await station.call('BootNotification', { reason: 'PowerUp', chargingStation });
    stations.push(station);
    return station;
  }

  /** The answer without its id. */
  async call(action: string, payload: object): Promise<unknown[]> {
    this.#calls += 1;
    const wanted = `c-${this.#calls}`;
    const answered = new Promise<unknown[]>((resolve) => {
      const look = (data: unknown): void => {
        const [type, id, ...rest] = JSON.parse(String(data)) as unknown[];
        if (id !== wanted || type === 2) return;
        this.#socket.off('message', look);
        resolve([type, ...rest]);
      };
      this.#socket.on('message', look);
    });
    this.#socket.send(JSON.stringify([2, wanted, action, payload]));
    return answered;
  }

  close(): void {
    this.#socket.terminate();
  }
}

const eventOf = (eventType: string, seqNo: number, importWh: number) => ({
  ...{ eventType, timestamp: NOW, triggerReason: 'Trigger', seqNo },
  ...{ transactionInfo: { transactionId: TX }, evse: { id: 1 } },
  meterValue: [{ timestamp: NOW, sampledValue: [{ value: importWh }] }],
});

let rig: LiveRig;
let stations: RawStation[];
let owner: RawStation;
let other: RawStation;

beforeEach(async () => {
  stations = [];
  rig = await LiveRig.open([]);
  owner = await RawStation.boot('owner');
  other = await RawStation.boot('other');
  expect((await owner.call('TransactionEvent', eventOf('Started', 0, 100)))[0]).toBe(3);
});
afterEach(async () => {
  for (const station of stations) station.close();
  await rig.close();
});

const session = async () =>
  structuredClone((await rig.engine.useCases.session(asTransactionId(TX)))!.session);

describe('two stations on sockets of their own, with the real engine behind them', () => {
  it.each(['Started', 'Updated', 'Ended'])(
    'an event (%s) of another’s transaction is refused with the field and the rule, and changes nothing',
    async (eventType) => {
      const before = await session();
      expect(await other.call('TransactionEvent', eventOf(eventType, 9, 999_000))).toEqual([
        ...[4, 'PropertyConstraintViolation', 'transactionId: belongs to another station', {}],
      ]);
      expect(await session()).toEqual(before);
      expect((await owner.call('TransactionEvent', eventOf('Updated', 1, 150)))[0]).toBe(3);
    },
  );

  it('a wish, needs and a schedule for another’s transaction or EVSE change nothing of it', async () => {
    const before = await session();
    await other.call('NotifyPriorityCharging', { transactionId: TX, activated: true });
    await other.call('NotifyEVChargingNeeds', {
      evseId: 1,
      chargingNeeds: { requestedEnergyTransfer: 'DC', departureTime: NOW },
    });
    await other.call('NotifyChargingLimit', {
      chargingLimit: { chargingLimitSource: 'EMS', isGridCritical: true },
    });
    const after = await session();
    expect([after.needs, after.override, after.state]).toEqual([before.needs, before.override, before.state]);
  });

  it('a profile is told to the station whose EVSE it is of, to no other', async () => {
    const pull = await other.call('PullDynamicScheduleUpdate', { chargingProfileId: 1_000_000_003 });
    expect(pull).toMatchObject([3, { status: 'Rejected' }]);
    expect(pull[1]).not.toHaveProperty('scheduleUpdate');
  });
});
