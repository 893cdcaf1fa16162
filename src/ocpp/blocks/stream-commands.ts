import { assertNever } from '../../domain/assert.js';
import type { CommandOutcome, StationCommand } from '../../domain/station-command.js';
import type { ConstantStreamData, SetMonitoringData } from '../wire/telemetry-messages.js';
import type { AskStation, StationContext } from './station-context.js';

export type StreamCommand = Extract<
  StationCommand,
  { kind: 'stream-power' | 'stop-stream' | 'adjust-stream' | 'list-streams' }
>;

/** Severity of a monitor that only measures (OCPP 2.1 N07: 8 = informational). */
const INFORMATIONAL = 8;

/** Sets up, changes and ends power streams; the numbers that the station gives are in the outcome's reason. */
export async function sendStreamCommand(
  { streams }: StationContext,
  ask: AskStation,
  command: StreamCommand,
): Promise<CommandOutcome> {
  switch (command.kind) {
    case 'stream-power': {
      const answer = await ask('SetVariableMonitoring', { setMonitoringData: [powerMonitor(command)] });
      if (!answer.supported) return { status: 'NotSupported', reason: answer.detail };
      const [result] = answer.response.setMonitoringResult;
      if (result?.status !== 'Accepted' || result.id === undefined) {
        return { status: 'Rejected', reason: result?.status ?? 'no result' };
      }
      streams.monitored(result.id, command.evseNumber);
      return { status: 'Accepted', reason: `monitor ${result.id}` };
    }
    case 'stop-stream': {
      const answer = await ask('ClearVariableMonitoring', { id: [command.monitoringId] });
      if (!answer.supported) return { status: 'NotSupported', reason: answer.detail };
      const status = answer.response.clearMonitoringResult[0]?.status ?? 'Rejected';
      // One that is gone already is as good.
      if (status !== 'Rejected') streams.unmonitored(command.monitoringId);
      return status === 'Accepted' ? { status } : { status: 'Rejected', reason: status };
    }
    case 'adjust-stream': {
      const { streamId: id, sendS: interval, samples: values } = command;
      const answer = await ask('AdjustPeriodicEventStream', { id, params: { interval, values } });
      if (!answer.supported) return { status: 'NotSupported', reason: answer.detail };
      return { status: answer.response.status };
    }
    case 'list-streams': {
      const answer = await ask('GetPeriodicEventStream', {});
      if (!answer.supported) return { status: 'NotSupported', reason: answer.detail };
      const told = (answer.response.constantStreamData ?? []).map(textOfStream);
      return { status: 'Accepted', reason: told.length === 0 ? 'no stream' : told.join('; ') };
    }
    default:
      return assertNever(command);
  }
}

function powerMonitor({
  evseNumber,
  sampleS,
  sendS,
}: Extract<StreamCommand, { kind: 'stream-power' }>): SetMonitoringData {
  return {
    value: sampleS,
    type: 'Periodic',
    severity: INFORMATIONAL,
    transaction: true,
    component: { name: 'EVSE', evse: { id: evseNumber } },
    variable: { name: 'Power' },
    periodicEventStream: { interval: sendS, values: Math.max(1, Math.round(sendS / sampleS)) },
  };
}

function textOfStream({ id, variableMonitoringId, params }: ConstantStreamData): string {
  return `stream ${id} of monitor ${variableMonitoringId}, every ${params.interval ?? '?'} s`;
}
