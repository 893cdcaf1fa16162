import { invalidInput } from '../../domain/errors.js';
import type { FrequencyResponse } from '../../domain/frequency-response.js';
import { formatInstant } from '../wire/instant.js';
import type { SetChargingProfileRequest } from '../wire/smart-charging-messages.js';
import { frequencyProfileId } from './profile-ids.js';

/** Above our TxProfile of the plan, which takes over again when this one ends. */
const STACK_LEVEL = 2;
const WATTS_PER_KW = 1000;

/**
 * A TxProfile in operation mode LocalFrequency: the station measures the frequency and adds the curve's power
 * to the baseline; a signal curve gives AFRRSignal its meaning. Unit W (OCPP 2.1 Q08.FR.05). It ends by itself,
 * without a link no later than that.
 * @throws EbbflowError INVALID_INPUT for a curve that no station can follow
 */
export function frequencyResponseRequest(
  response: FrequencyResponse,
  nowMs: number,
): SetChargingProfileRequest {
  const { evseNumber, transactionId, durationS, baselineKw, frequencyCurve, signalCurve } = response;
  assertRising(
    'frequencyCurve',
    frequencyCurve.map(({ frequencyHz }) => frequencyHz),
  );
  if (signalCurve !== undefined)
    assertRising(
      'signalCurve',
      signalCurve.map(({ signal }) => signal),
    );
  return {
    evseId: evseNumber,
    chargingProfile: {
      id: frequencyProfileId(evseNumber),
      stackLevel: STACK_LEVEL,
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Absolute',
      transactionId,
      validTo: formatInstant(nowMs + durationS * 1000),
      maxOfflineDuration: durationS,
      chargingSchedule: [
        {
          id: 1,
          startSchedule: formatInstant(nowMs),
          duration: durationS,
          chargingRateUnit: 'W',
          chargingSchedulePeriod: [
            {
              startPeriod: 0,
              operationMode: 'LocalFrequency',
              v2xBaseline: baselineKw * WATTS_PER_KW,
              v2xFreqWattCurve: frequencyCurve.map(({ frequencyHz, powerKw }) => ({
                frequency: frequencyHz,
                power: powerKw * WATTS_PER_KW,
              })),
              ...(signalCurve === undefined
                ? {}
                : {
                    v2xSignalWattCurve: signalCurve.map(({ signal, powerKw }) => ({
                      signal,
                      power: powerKw * WATTS_PER_KW,
                    })),
                  }),
            },
          ],
        },
      ],
    },
  };
}

/** 2…20 points (schema, and Q08.FR.02), each beyond the one before. */
function assertRising(field: string, values: readonly number[]): void {
  if (values.length < 2 || values.length > 20) throw invalidInput(field, 'needs 2 to 20 points');
  const isRising = values.every((value, index) => index === 0 || value > (values[index - 1] ?? value));
  if (!isRising) throw invalidInput(field, 'must rise from point to point');
}
