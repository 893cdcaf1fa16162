import { assertNever } from '../../domain/assert.js';
import type { CommandOutcome, StationCommand } from '../../domain/station-command.js';
import type { Evse, StatusInfo } from '../wire/device-messages.js';
import { formatInstant } from '../wire/instant.js';
import type { AskStation, StationAnswer, StationContext } from './station-context.js';

/** Remote starts are told apart by a number of our own, 31 bits. */
const REMOTE_START_IDS = 2 ** 31;

/** Sends an operator's command as its message; the station's word comes back. */
export async function sendCommand(
  { clock }: StationContext,
  ask: AskStation,
  command: StationCommand,
): Promise<CommandOutcome> {
  switch (command.kind) {
    case 'trigger-message':
      return outcomeOf(
        await ask('TriggerMessage', { requestedMessage: command.message, ...evseOf(command.evseNumber) }),
      );
    case 'reset':
      return outcomeOf(
        await ask('Reset', {
          type: command.resetType,
          ...(command.evseNumber === undefined ? {} : { evseId: command.evseNumber }),
        }),
      );
    case 'change-availability':
      return outcomeOf(
        await ask('ChangeAvailability', {
          operationalStatus: command.isOperative ? 'Operative' : 'Inoperative',
          ...evseOf(command.evseNumber),
        }),
      );
    case 'start-transaction':
      return outcomeOf(
        await ask('RequestStartTransaction', {
          evseId: command.evseNumber,
          remoteStartId: clock.nowMs() % REMOTE_START_IDS,
          idToken: { idToken: command.idToken, type: 'Central' },
        }),
      );
    case 'stop-transaction':
      return outcomeOf(await ask('RequestStopTransaction', { transactionId: command.transactionId }));
    case 'cost-updated': {
      const { transactionId, totalCost } = command;
      const answer = await ask('CostUpdated', { transactionId, totalCost });
      return answer.supported ? { status: 'Accepted' } : { status: 'NotSupported', reason: answer.detail };
    }
    case 'afrr-signal':
      return outcomeOf(
        await ask('AFRRSignal', { timestamp: formatInstant(clock.nowMs()), signal: command.signal }),
      );
    case 'allow-energy-transfer': {
      const { transactionId, modes } = command;
      return outcomeOf(
        await ask('NotifyAllowedEnergyTransfer', { transactionId, allowedEnergyTransfer: [...modes] }),
      );
    }
    default:
      return assertNever(command);
  }
}

function evseOf(id: number | undefined): { evse?: Evse } {
  return id === undefined ? {} : { evse: { id } };
}

interface WithStatus {
  status: Exclude<CommandOutcome['status'], 'NotSupported'>;
  statusInfo?: StatusInfo;
}

function outcomeOf(
  answer: { supported: true; response: WithStatus } | Extract<StationAnswer<'Reset'>, { supported: false }>,
): CommandOutcome {
  if (!answer.supported) return { status: 'NotSupported', reason: answer.detail };
  const { status, statusInfo: info } = answer.response;
  const reason = [info?.reasonCode, info?.additionalInfo].filter(Boolean).join(': ');
  return { status, ...(reason === '' ? {} : { reason }) };
}
