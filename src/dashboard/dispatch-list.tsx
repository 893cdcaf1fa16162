import type { Dispatch } from './api-contract.js';
import { figure, signedFigure, timeText } from './figures-as-text.js';

interface DispatchListProps {
  readonly dispatches: readonly Dispatch[];
  readonly nowMs: number;
}

/** Orders of a day back and a week ahead: asked, acknowledged, metered. */
export function DispatchList({ dispatches, nowMs }: DispatchListProps) {
  const newestFirst = [...dispatches].sort((left, right) => Date.parse(right.start) - Date.parse(left.start));
  return (
    <section class="card" aria-labelledby="dispatches-title">
      <h2 id="dispatches-title">Dispatch orders</h2>
      {newestFirst.length === 0 ? (
        <p class="empty">
          No order from a day ago to a week ahead. Traders give them by POST /v1/dispatches.
        </p>
      ) : (
        <ul class="entries">
          {newestFirst.map((dispatch) => (
            <li key={dispatch.dispatchId}>
              <p>
                <span class={`chip dispatch-${dispatch.state}`}>{dispatch.state}</span>{' '}
                <span class="strong">
                  {timeText(dispatch.start, nowMs)} – {timeText(dispatch.end, nowMs)}
                </span>{' '}
                {askedText(dispatch)}
              </p>
              <p class="muted">{dispatch.reason}</p>
              <dl class="delivery">
                <Energy name="asked" energyKwh={dispatch.askedKwh} />
                <Energy name="acknowledged" energyKwh={dispatch.acknowledgedKwh} />
                <Energy name="metered" energyKwh={dispatch.meteredKwh} />
              </dl>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Energy({ name, energyKwh }: { readonly name: string; readonly energyKwh: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{figure(energyKwh)} kWh</dd>
    </div>
  );
}

function askedText({ targetNetKw, deltaKw }: Dispatch): string {
  return targetNetKw === null
    ? `${signedFigure(deltaKw)} kW against the plan`
    : `net ${signedFigure(targetNetKw)} kW`;
}
