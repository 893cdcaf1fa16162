import { assertNever } from '../../domain/assert.js';
import type { CommandOutcome, StationCommand } from '../../domain/station-command.js';
import { frequencyResponseRequest } from '../dialects/frequency-response.js';
import type { Evse, StatusInfo } from '../wire/device-messages.js';
import { formatInstant } from '../wire/instant.js';
import type { AskStation, StationAnswer, StationContext } from './station-context.js';
import { sendStreamCommand } from './stream-commands.js';

/** Remote starts are told apart by a number of our own, 31 bits. */
const REMOTE_START_IDS = 2 ** 31;

/** Sends an operator's command as its message; the station's word comes back. */
export async function sendCommand(
  context: StationContext,
  ask: AskStation,
  command: StationCommand,
): Promise<CommandOutcome> {
  const { clock } = context;
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
    case 'use-priority-charging': {
      const { transactionId, isActive } = command;
      return outcomeOf(await ask('UsePriorityCharging', { transactionId, activate: isActive }));
    }
    case 'frequency-response': {
      const request = frequencyResponseRequest(command, clock.nowMs());
      return outcomeOf(await ask('SetChargingProfile', request));
    }
    case 'stream-power':
    case 'stop-stream':
    case 'adjust-stream':
    case 'list-streams':
      return sendStreamCommand(context, ask, command);
    case 'limit-max-discharge': {
      const { controlId, percent, durationS } = command;
      return outcomeOf(
        await ask('SetDERControl', {
          isDefault: false,
          controlId,
          controlType: 'LimitMaxDischarge',
          limitMaxDischarge: {
            priority: 0,
            pctMaxDischargePower: percent,
            startTime: formatInstant(clock.nowMs()),
            ...(durationS === undefined ? {} : { duration: durationS }),
          },
        }),
      );
    }
    case 'clear-der-control':
      return outcomeOf(await ask('ClearDERControl', { isDefault: false, controlId: command.controlId }));
    case 'read-der-controls':
      return outcomeOf(await ask('GetDERControl', { requestId: clock.nowMs() % REMOTE_START_IDS }));
    default:
      return assertNever(command);
  }
}

function evseOf(id: number | undefined): { evse?: Evse } {
  return id === undefined ? {} : { evse: { id } };
}

interface WithStatus {
  /** What we have no word of our own for is a rejection whose reason is the station's word. */
  status: CommandOutcome['status'] | 'NoProfile' | 'NotFound';
  statusInfo?: StatusInfo;
}

function outcomeOf(
  answer: { supported: true; response: WithStatus } | Extract<StationAnswer<'Reset'>, { supported: false }>,
): CommandOutcome {
  if (!answer.supported) return { status: 'NotSupported', reason: answer.detail };
  const { status: word, statusInfo: info } = answer.response;
  const isOurs = word !== 'NoProfile' && word !== 'NotFound';
  const status = isOurs ? word : 'Rejected';
  const reason = [isOurs ? undefined : word, info?.reasonCode, info?.additionalInfo]
    .filter(Boolean)
    .join(': ');
  return { status, ...(reason === '' ? {} : { reason }) };
}
