import type { Profile, SessionPlan } from './api-contract.js';

interface ScheduleBarsProps {
  readonly plan: SessionPlan;
  /** Drawn as a line over the plan: what the station has taken. */
  readonly inForce?: Profile | null;
  readonly nowMs: number;
  /** Length of the time axis; absent: as long as the plan. One length makes rows comparable. */
  readonly spanMs?: number;
  readonly width: number;
  readonly height: number;
  readonly label: string;
}

/** A session's planned power, charging up and discharging down from the middle line. */
export function ScheduleBars({ plan, inForce, nowMs, spanMs, width, height, label }: ScheduleBarsProps) {
  const startMs = Date.parse(plan.start);
  const slotMs = plan.slotMinutes * 60_000;
  const endMs = startMs + (spanMs ?? plan.netKw.length * slotMs);
  const reachKw = Math.max(1, ...plan.netKw.map(Math.abs));
  const middle = height / 2;
  const x = (instantMs: number) => ((instantMs - startMs) / Math.max(endMs - startMs, 1)) * width;
  const y = (powerKw: number) => middle - (powerKw / reachKw) * (middle - 2);

  const area = (pick: (kw: number) => number) =>
    plan.netKw
      .map((kw, slot) => {
        const power = pick(kw);
        if (power === 0) return '';
        const left = x(startMs + slot * slotMs);
        return `M${round(left)} ${middle}V${round(y(power))}H${round(x(startMs + (slot + 1) * slotMs))}V${middle}Z`;
      })
      .join('');

  return (
    <svg
      class="schedule"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path class="import" d={area((kw) => Math.max(kw, 0))} />
      <path class="export" d={area((kw) => Math.min(kw, 0))} />
      <path class="middle" d={`M0 ${middle}H${width}`} />
      {inForce ? <path class="in-force" d={profileLine(inForce, endMs, x, y)} /> : null}
      {nowMs > startMs && nowMs < endMs ? (
        <path class="now-line" d={`M${round(x(nowMs))} 0V${height}`} />
      ) : null}
    </svg>
  );
}

function profileLine(
  profile: Profile,
  endMs: number,
  x: (instantMs: number) => number,
  y: (powerKw: number) => number,
): string {
  const validToMs = Math.min(Date.parse(profile.validTo), endMs);
  const steps = profile.periods
    .map(({ start, powerKw }) => ({ startMs: Date.parse(start), powerKw }))
    .filter(({ startMs }) => startMs < validToMs);
  return steps
    .map(({ startMs, powerKw }, index) => {
      const left = round(Math.max(0, x(startMs)));
      const right = round(x(steps[index + 1]?.startMs ?? validToMs));
      return `${index === 0 ? 'M' : 'L'}${left} ${round(y(powerKw))}H${right}`;
    })
    .join('');
}

const round = (value: number) => Math.round(value * 10) / 10;
