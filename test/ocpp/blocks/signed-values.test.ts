import { expect, it } from 'vitest';
import { signedValuesOf } from '../../../src/ocpp/blocks/signed-values.js';
import { transactionEventOf } from '../../../src/ocpp/blocks/transactions.js';
import type { TransactionEventRequest } from '../../../src/ocpp/wire/transaction-messages.js';

const AT = '2026-03-14T19:15:06Z';
const SIGNED = { signedMeterData: 'T0NNRnx7fQ==', encodingMethod: 'OCMF', signingMethod: 'ECDSA' };

it('keeps what the meter signed as it was sent, with the defaults of what was left out', () => {
  const values = signedValuesOf([
    {
      timestamp: AT,
      sampledValue: [
        { value: 5 },
        { value: 328.83, unitOfMeasure: { unit: 'kWh', multiplier: 1 }, signedMeterValue: SIGNED },
        {
          value: 7,
          measurand: 'Voltage',
          context: 'Transaction.End',
          signedMeterValue: { ...SIGNED, publicKey: 'k' },
        },
      ],
    },
  ]);
  const blob = { atMs: Date.parse(AT), data: 'T0NNRnx7fQ==', encoding: 'OCMF', method: 'ECDSA' };
  expect(values).toEqual([
    {
      ...blob,
      measurand: 'Energy.Active.Import.Register',
      context: 'Sample.Periodic',
      value: 328.83,
      unit: 'kWh',
      multiplier: 1,
    },
    {
      ...blob,
      measurand: 'Voltage',
      context: 'Transaction.End',
      value: 7,
      unit: 'Wh',
      multiplier: 0,
      publicKey: 'k',
    },
  ]);
});

it('an event without signatures carries none', () => {
  const request: TransactionEventRequest = {
    eventType: 'Ended',
    timestamp: AT,
    triggerReason: 'EVDeparted',
    seqNo: 3,
    transactionInfo: { transactionId: 'tx-1' },
    meterValue: [{ timestamp: AT, sampledValue: [{ value: 5 }] }],
  };
  expect(Object.keys(transactionEventOf(request))).not.toContain('signedValues');
});
