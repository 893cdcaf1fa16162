import type { Session } from './api-contract.js';
import { distanceText, figure, timeText } from './figures-as-text.js';
import { ScheduleBars } from './schedule-bars.js';
import { activityOf, deliveryWord, profileWord, reasonNow } from './session-words.js';

const DAY_MS = 86_400_000;

interface SessionRowProps {
  readonly session: Session;
  readonly nowMs: number;
  readonly onOpen: (transactionId: string) => void;
}

export function SessionRow({ session, nowMs, onOpen }: SessionRowProps) {
  const activity = activityOf(session);
  const profile = profileWord(session);
  const delivery = deliveryWord(session);
  const powerKw = activity.kind === 'export' ? session.exportKw : session.importKw;
  return (
    <tr data-transaction={session.transactionId}>
      <th scope="row">
        <button type="button" class="open" onClick={() => onOpen(session.transactionId)}>
          {session.evseId}
        </button>
      </th>
      <td>
        <span class={`activity ${activity.kind}`}>{activity.text}</span>
        {activity.kind === 'idle' ? null : <span class="power">{figure(powerKw)} kW</span>}
      </td>
      <td>
        <Battery session={session} />
      </td>
      <td>
        {session.departure === null ? (
          <span class="muted">unknown</span>
        ) : (
          <>
            <span class="strong">{timeText(session.departure, nowMs)}</span>
            <span class="under">{distanceText(session.departure, nowMs)}</span>
          </>
        )}
      </td>
      <td class="schedule-cell">
        {session.plan ? (
          <ScheduleBars
            plan={session.plan}
            nowMs={nowMs}
            spanMs={DAY_MS}
            width={150}
            height={34}
            label={`Next 24 hours of ${session.evseId}, charging up, discharging down`}
          />
        ) : (
          <span class="muted">no plan</span>
        )}
      </td>
      <td>
        <span class={`chip word-${profile.kind}`}>{profile.text}</span>
        {session.following === null || session.following.state === 'unverified' ? null : (
          <>
            {' '}
            <span class={`chip word-${delivery.kind}`} title={session.following.reason}>
              {delivery.text}
            </span>
          </>
        )}
      </td>
      <td class="why">{reasonNow(session, nowMs)}</td>
    </tr>
  );
}

/** Stored energy between floor and ceiling, with the target as a tick. */
function Battery({ session: { storedKwh, targetEnergyKwh, window } }: { readonly session: Session }) {
  const highest = Math.max(window?.maxEnergyKwh ?? 0, targetEnergyKwh ?? 0, storedKwh ?? 0, 1);
  const share = (energyKwh: number | null) => `${(100 * Math.max(0, energyKwh ?? 0)) / highest}%`;
  return (
    <div class="battery">
      <span>
        <span class="strong">{figure(storedKwh)}</span> → {figure(targetEnergyKwh)} kWh
      </span>
      <span class="battery-bar" aria-hidden="true">
        <span class="fill" style={{ width: share(storedKwh) }} />
        {targetEnergyKwh === null ? null : <span class="target" style={{ left: share(targetEnergyKwh) }} />}
      </span>
    </div>
  );
}
