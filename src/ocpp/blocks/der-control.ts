import { parseInstantMs } from '../wire/instant.js';
import type { CallHandlers } from '../wire/messages.js';
import type { StationContext } from './station-context.js';

/** What a station tells of its grid-code functions (DER block): kept as notices, alarms raised. */
export function derControlHandlers({ stationId, events, clock }: StationContext): CallHandlers {
  return {
    async NotifyDERAlarm({ controlType, gridEventFault, alarmEnded, timestamp, extraInfo }) {
      const state = alarmEnded === true ? 'ended' : 'began';
      const text = [controlType, gridEventFault, state, extraInfo]
        .filter((word) => word !== undefined)
        .join(' ');
      await events.notice(stationId, { kind: 'grid-code', atMs: parseInstantMs(timestamp), text });
      return {};
    },
    async NotifyDERStartStop({ controlId, started, timestamp, supersededIds }) {
      const instead = supersededIds === undefined ? '' : ` instead of ${supersededIds.join(', ')}`;
      const text = `control ${controlId} ${started ? 'started' : 'stopped'}${instead}`;
      await events.notice(stationId, { kind: 'grid-code', atMs: parseInstantMs(timestamp), text });
      return {};
    },
    async ReportDERControl({ limitMaxDischarge = [] }) {
      for (const { id, isDefault, isSuperseded, limitMaxDischarge: limit } of limitMaxDischarge) {
        const words = [
          `control ${id}: LimitMaxDischarge`,
          limit.pctMaxDischargePower === undefined ? 'without a value' : `${limit.pctMaxDischargePower} %`,
          ...(isDefault ? ['default'] : []),
          ...(isSuperseded ? ['superseded'] : []),
        ];
        await events.notice(stationId, { kind: 'grid-code', atMs: clock.nowMs(), text: words.join(', ') });
      }
      return {};
    },
  };
}
