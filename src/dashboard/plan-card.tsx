import type { Plan } from './api-contract.js';
import { distanceText, figure, gapText, moneyText } from './figures-as-text.js';

const CAUSE_TEXT: Readonly<Record<string, string>> = {
  interval: 'regular interval',
  start: 'start of the engine',
  needs: 'new or changed needs',
  departed: 'a departure',
  price: 'new prices',
  dispatch: 'a dispatch order',
  site: 'a changed site',
  override: 'an override',
  station: 'a station came or went',
};

interface PlanCardProps {
  readonly plan: Plan | null;
  readonly nowMs: number;
}

/** The plan in force and its certificate. */
export function PlanCard({ plan, nowMs }: PlanCardProps) {
  if (!plan)
    return (
      <div class="card plan">
        <h2>Plan in force</h2>
        <p class="muted">There is no plan yet. The first session with needs causes one.</p>
      </div>
    );
  return (
    <div class="card plan">
      <h2>Plan in force</h2>
      <p class="plan-status">
        <span class={`chip plan-${plan.status}`} data-testid="plan-status">
          {plan.status}
        </span>
        <span data-testid="plan-gap">gap {gapText(plan.gap)}</span>
        <span data-testid="plan-ms">{Math.round(plan.solveMilliseconds)} ms</span>
      </p>
      <dl class="lines">
        <div>
          <dt>Cause</dt>
          <dd data-testid="plan-cause">
            {plan.causes.map((cause) => CAUSE_TEXT[cause] ?? cause).join(', ')}
          </dd>
        </div>
        <div>
          <dt>Made</dt>
          <dd>{distanceText(plan.createdAt, nowMs)}</dd>
        </div>
        <div>
          <dt>Cost, and the least it could be</dt>
          <dd>
            {moneyText(plan.objective, plan.currency)} ≥ {moneyText(plan.lowerBound, plan.currency)}
          </dd>
        </div>
        <div>
          <dt>Missing at departures</dt>
          <dd class={plan.shortfallKwh > 0.05 ? 'warn' : ''}>{figure(plan.shortfallKwh)} kWh</dd>
        </div>
      </dl>
    </div>
  );
}
