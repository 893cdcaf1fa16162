import { useEffect, useRef } from 'preact/hooks';
import type { Session } from './api-contract.js';
import { dateText, figure, signedFigure, timeText } from './figures-as-text.js';
import { ScheduleBars } from './schedule-bars.js';
import { SessionFacts } from './session-facts.js';
import { activityOf, netKwOf, reasonNow } from './session-words.js';

interface SessionDetailProps {
  readonly session: Session | null;
  readonly nowMs: number;
  readonly onClose: () => void;
}

/** One session in full, beside the page. Stays live while open; Escape closes it. */
export function SessionDetail({ session, nowMs, onClose }: SessionDetailProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = session !== null;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);

  return (
    <dialog ref={dialog} class="detail" aria-labelledby="detail-title" onClose={onClose}>
      {session ? (
        <>
          <header>
            <div>
              <h2 id="detail-title">{session.evseId}</h2>
              <p class="muted">
                {session.transactionId} · since {dateText(session.startedAt)}
                {session.state === 'ended' ? ' · ended' : ''}
              </p>
            </div>
            <button type="button" class="quiet" onClick={onClose}>
              Close
            </button>
          </header>
          <p class="detail-now">
            <span class={`activity ${activityOf(session).kind}`}>{activityOf(session).text}</span>
            <span class="big">{signedFigure(netKwOf(session))} kW</span>
          </p>
          <p class="because">{reasonNow(session, nowMs)}</p>
          <DetailSchedule session={session} nowMs={nowMs} />
          <SessionFacts session={session} nowMs={nowMs} />
        </>
      ) : null}
    </dialog>
  );
}

const LABELS = 5;

function DetailSchedule({ session, nowMs }: { readonly session: Session; readonly nowMs: number }) {
  const { plan, acknowledgement } = session;
  if (!plan) return null;
  const startMs = Date.parse(plan.start);
  const spanMs = plan.netKw.length * plan.slotMinutes * 60_000;
  const inForce = acknowledgement?.status === 'accepted' ? acknowledgement.profile : null;
  const reachKw = Math.max(1, ...plan.netKw.map(Math.abs));
  return (
    <section aria-labelledby="schedule-title">
      <h3 id="schedule-title">
        Schedule <small>up to ±{figure(reachKw)} kW</small>
      </h3>
      <ScheduleBars
        plan={plan}
        inForce={inForce}
        nowMs={nowMs}
        width={520}
        height={130}
        label="Planned power per slot, charging up, discharging down; the line is the profile in force"
      />
      <p class="schedule-times" aria-hidden="true">
        {Array.from({ length: LABELS }, (_, index) => startMs + (index / (LABELS - 1)) * spanMs).map(
          (instantMs) => (
            <span key={instantMs}>{timeText(new Date(instantMs).toISOString(), nowMs)}</span>
          ),
        )}
      </p>
      {plan.shortfallKwh > 0.05 ? (
        <p class="warn">The target will be missed by {figure(plan.shortfallKwh)} kWh.</p>
      ) : null}
      <h3>Why</h3>
      <ol class="reasons">
        {plan.because.map(({ from, to, text }) => (
          <li
            key={from}
            aria-current={Date.parse(from) <= nowMs && nowMs < Date.parse(to) ? 'time' : undefined}
          >
            <span class="times">
              {timeText(from, nowMs)} – {timeText(to, nowMs)}
            </span>
            {text}
          </li>
        ))}
      </ol>
    </section>
  );
}
