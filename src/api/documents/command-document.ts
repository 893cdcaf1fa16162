import Type, { type Static } from 'typebox';
import { invalidInput } from '../../domain/errors.js';
import { asTransactionId } from '../../domain/ids.js';
import {
  type CommandOutcome,
  ENERGY_TRANSFER_MODES,
  RESET_TYPES,
  type StationCommand,
  TRIGGER_MESSAGES,
} from '../../domain/station-command.js';
import { named, nullableText, oneOf } from '../named-schema.js';

const COMMANDS = [
  'trigger-message',
  'reset',
  'change-availability',
  'start-transaction',
  'stop-transaction',
  'cost-updated',
  'afrr-signal',
  'allow-energy-transfer',
  'use-priority-charging',
  'stream-power',
  'stop-stream',
  'adjust-stream',
  'list-streams',
  'limit-max-discharge',
  'clear-der-control',
  'read-der-controls',
  'frequency-response',
] as const;

export const StationCommandSchema = named(
  'StationCommand',
  {
    command: oneOf(COMMANDS),
    evseNumber: Type.Optional(Type.Integer({ minimum: 1, description: 'Absent = the whole station.' })),
    message: Type.Optional(oneOf(TRIGGER_MESSAGES)),
    resetType: Type.Optional(oneOf(RESET_TYPES)),
    operative: Type.Optional(Type.Boolean()),
    idToken: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    transactionId: Type.Optional(Type.String({ minLength: 1, maxLength: 36 })),
    totalCost: Type.Optional(Type.Number({ description: 'Below zero the driver earns.' })),
    signal: Type.Optional(Type.Integer()),
    energyTransferModes: Type.Optional(
      Type.Array(oneOf(ENERGY_TRANSFER_MODES), { minItems: 1, maxItems: 11 }),
    ),
    active: Type.Optional(Type.Boolean()),
    sampleS: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 3600, description: 'Seconds between samples.' }),
    ),
    sendS: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 3600, description: 'Seconds between messages.' }),
    ),
    samples: Type.Optional(Type.Integer({ minimum: 1, maximum: 3600, description: 'Samples in a message.' })),
    monitoringId: Type.Optional(Type.Integer({ minimum: 0 })),
    streamId: Type.Optional(Type.Integer({ minimum: 0 })),
    controlId: Type.Optional(Type.String({ minLength: 1, maxLength: 36 })),
    maxDischargePercent: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
    durationS: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
    baselineKw: Type.Optional(Type.Number({ description: 'Import > 0, export < 0.' })),
    frequencyCurve: Type.Optional(
      Type.Array(Type.Object({ frequencyHz: Type.Number(), powerKw: Type.Number() }), {
        ...{ minItems: 2, maxItems: 20, description: 'Rising; the power is added to the baseline.' },
      }),
    ),
    signalCurve: Type.Optional(
      Type.Array(Type.Object({ signal: Type.Integer(), powerKw: Type.Number() }), {
        ...{ minItems: 2, maxItems: 20, description: 'Rising; what each aFRR signal means.' },
      }),
    ),
  },
  'A command by hand; each one takes the fields that its name tells.',
);

export const CommandOutcomeSchema = named('CommandOutcome', {
  status: oneOf(['Accepted', 'Rejected', 'Scheduled', 'NotImplemented', 'NotSupported']),
  reason: nullableText(),
});

export const COMMAND_SCHEMAS = [StationCommandSchema, CommandOutcomeSchema];

export function outcomeDocument({ status, reason }: CommandOutcome): Static<typeof CommandOutcomeSchema> {
  return { status, reason: reason ?? null };
}

/** The command of a request body. @throws EbbflowError INVALID_INPUT for the first field that it lacks. */
export function parseCommand(body: Static<typeof StationCommandSchema>): StationCommand {
  const needed = <Key extends keyof typeof body>(key: Key): Exclude<(typeof body)[Key], undefined> => {
    const value = body[key];
    if (value === undefined) throw invalidInput(key, `is needed by ${body.command}`);
    return value as Exclude<(typeof body)[Key], undefined>;
  };
  const transactionId = () => asTransactionId(needed('transactionId'));
  const evse = body.evseNumber === undefined ? {} : { evseNumber: body.evseNumber };
  switch (body.command) {
    case 'trigger-message':
      return { kind: body.command, message: needed('message'), ...evse };
    case 'reset':
      return { kind: body.command, resetType: body.resetType ?? 'OnIdle', ...evse };
    case 'change-availability':
      return { kind: body.command, isOperative: needed('operative'), ...evse };
    case 'start-transaction':
      return { kind: body.command, evseNumber: needed('evseNumber'), idToken: needed('idToken') };
    case 'stop-transaction':
      return { kind: body.command, transactionId: transactionId() };
    case 'cost-updated':
      return { kind: body.command, transactionId: transactionId(), totalCost: needed('totalCost') };
    case 'afrr-signal':
      return { kind: body.command, signal: needed('signal') };
    case 'allow-energy-transfer':
      return { kind: body.command, transactionId: transactionId(), modes: needed('energyTransferModes') };
    case 'use-priority-charging':
      return { kind: body.command, transactionId: transactionId(), isActive: needed('active') };
    case 'stream-power':
      return {
        kind: body.command,
        evseNumber: needed('evseNumber'),
        sampleS: body.sampleS ?? 1,
        sendS: body.sendS ?? 10,
      };
    case 'stop-stream':
      return { kind: body.command, monitoringId: needed('monitoringId') };
    case 'adjust-stream':
      return {
        kind: body.command,
        streamId: needed('streamId'),
        sendS: needed('sendS'),
        samples: needed('samples'),
      };
    case 'list-streams':
    case 'read-der-controls':
      return { kind: body.command };
    case 'limit-max-discharge':
      return {
        kind: body.command,
        controlId: needed('controlId'),
        percent: needed('maxDischargePercent'),
        ...(body.durationS === undefined ? {} : { durationS: body.durationS }),
      };
    case 'clear-der-control':
      return { kind: body.command, controlId: needed('controlId') };
    case 'frequency-response':
      return {
        kind: body.command,
        transactionId: transactionId(),
        evseNumber: needed('evseNumber'),
        baselineKw: needed('baselineKw'),
        frequencyCurve: needed('frequencyCurve'),
        durationS: needed('durationS'),
        ...(body.signalCurve === undefined ? {} : { signalCurve: body.signalCurve }),
      };
  }
}
