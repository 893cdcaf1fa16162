import type { Alarm } from './api-contract.js';
import { timeText } from './figures-as-text.js';

interface AlarmListProps {
  readonly alarms: readonly Alarm[];
  readonly nowMs: number;
}

/** Alarms since the page was opened, newest first. */
export function AlarmList({ alarms, nowMs }: AlarmListProps) {
  return (
    <section class="card" aria-labelledby="alarms-title">
      <h2 id="alarms-title">Alarms</h2>
      {alarms.length === 0 ? (
        <p class="empty">None since this page was opened.</p>
      ) : (
        <ul class="entries" aria-live="polite">
          {alarms.map((alarm) => (
            <li key={`${alarm.at} ${alarm.code} ${alarm.evseId} ${alarm.text}`}>
              <p>
                <span class="chip word-bad">{alarm.code}</span>{' '}
                <span class="strong">{timeText(alarm.at, nowMs)}</span>{' '}
                <span class="muted">{alarm.evseId ?? alarm.stationId ?? ''}</span>
              </p>
              <p>{alarm.text}</p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
