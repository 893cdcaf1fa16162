import { expect, it } from 'vitest';
import { spelt } from '../../src/simulator/wire-spelling.js';

const NEEDS = {
  evseId: 1,
  timestamp: '2026-01-20T12:05:00.000Z',
  chargingNeeds: {
    requestedEnergyTransfer: 'DC_BPT',
    departureTime: '2026-01-20T19:00:00Z',
    v2xChargingParameters: {
      evTargetEnergyRequest: 12000,
      evMinV2XEnergyRequest: -18000,
      maxDischargePower: 11000,
    },
  },
};
const call = (action: string, payload: object) => JSON.stringify([2, 'a', action, payload]);
const payloadOf = (text: string) => (JSON.parse(text) as unknown[])[3];

it('the popular form has needs in V2XChargingNeeds, with a discharge energy and power, and nothing else of its own', () => {
  expect(payloadOf(spelt(call('NotifyEVChargingNeeds', NEEDS), 'popular'))).toEqual({
    evseId: 1,
    timestamp: NEEDS.timestamp,
    V2XChargingNeeds: {
      departureTime: '2026-01-20T19:00:00Z',
      evTargetEnergyRequest: 12000,
      evMaxDischargePower: 11000,
      evMaxDischargeEnergy: 18000,
    },
  });
  expect(payloadOf(spelt(call('Heartbeat', {}), 'popular'))).toEqual({});
});

it('the odd case has every key in lower case and instants without a zone', () => {
  expect(payloadOf(spelt(call('NotifyEVChargingNeeds', NEEDS), 'odd-case'))).toEqual({
    evseid: 1,
    timestamp: '2026-01-20T12:05:00.000',
    chargingneeds: {
      requestedenergytransfer: 'DC_BPT',
      departuretime: '2026-01-20T19:00:00',
      v2xchargingparameters: {
        evtargetenergyrequest: 12000,
        evminv2xenergyrequest: -18000,
        maxdischargepower: 11000,
      },
    },
  });
});

it('answers and the standard stay as they are', () => {
  const answer = JSON.stringify([3, 'a', { currentTime: '2026-01-20T12:05:00Z' }]);
  expect(spelt(answer, 'odd-case')).toBe(answer);
  expect(spelt(call('NotifyEVChargingNeeds', NEEDS), 'standard')).toBe(call('NotifyEVChargingNeeds', NEEDS));
});
