import type { SignedValue } from '../../domain/signed-value.js';
import { parseInstantMs } from '../wire/instant.js';
import type { MeterValue, SampledValue } from '../wire/transaction-messages.js';

/** Every value that carries a signature, as it was sent: no unit is changed, nothing is judged or left out. */
export function signedValuesOf(meterValues: readonly MeterValue[]): SignedValue[] {
  return meterValues.flatMap(({ timestamp, sampledValue }) =>
    // Few stations sign: nothing is copied of those that do not.
    sampledValue.filter(isSigned).flatMap(({ signedMeterValue: signed, ...sample }): SignedValue[] =>
      signed === undefined
        ? []
        : [
            {
              atMs: parseInstantMs(timestamp),
              measurand: sample.measurand ?? 'Energy.Active.Import.Register',
              context: sample.context ?? 'Sample.Periodic',
              value: sample.value,
              unit: sample.unitOfMeasure?.unit ?? 'Wh',
              multiplier: sample.unitOfMeasure?.multiplier ?? 0,
              data: signed.signedMeterData,
              encoding: signed.encodingMethod,
              ...(signed.signingMethod === undefined ? {} : { method: signed.signingMethod }),
              ...(signed.publicKey === undefined ? {} : { publicKey: signed.publicKey }),
            },
          ],
    ),
  );
}

const isSigned = ({ signedMeterValue }: SampledValue): boolean => signedMeterValue !== undefined;
