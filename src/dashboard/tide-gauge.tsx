import type { Fleet } from './api-contract.js';
import { figure, signedFigure } from './figures-as-text.js';

/**
 * The fleet's net power on one line: export flows out to the left of the middle, import in to the right. The
 * band is how far it could go at once, the tick what is planned.
 */
export function TideGauge({ fleet }: { readonly fleet: Fleet | null }) {
  return (
    <div class="card tide">
      <dl class="tide-figures">
        <div class="is-export">
          <dt>Discharging to the grid</dt>
          <dd>
            <span data-testid="export-kw">{figure(fleet?.exportKw ?? null)}</span> <small>kW</small>
          </dd>
        </div>
        <div class="is-net">
          <dt>Net</dt>
          <dd>
            <span data-testid="net-kw">{signedFigure(fleet?.netKw ?? null)}</span> <small>kW</small>
          </dd>
        </div>
        <div class="is-import">
          <dt>Charging from the grid</dt>
          <dd>
            <span data-testid="import-kw">{figure(fleet?.importKw ?? null)}</span> <small>kW</small>
          </dd>
        </div>
      </dl>
      {fleet ? <Scale fleet={fleet} /> : <div class="tide-scale" />}
      <dl class="tide-legend">
        <div>
          <dt>Could go down by</dt>
          <dd data-testid="flex-up-kw">{figure(fleet?.flexUpKw ?? null)} kW</dd>
        </div>
        <div>
          <dt>Planned</dt>
          <dd data-testid="planned-kw">{signedFigure(fleet?.plannedNetKw ?? null)} kW</dd>
        </div>
        <div>
          <dt>Could go up by</dt>
          <dd data-testid="flex-down-kw">{figure(fleet?.flexDownKw ?? null)} kW</dd>
        </div>
      </dl>
    </div>
  );
}

const HALF_WIDTH = 500;

function Scale({ fleet }: { readonly fleet: Fleet }) {
  const lowest = fleet.netKw - fleet.flexUpKw;
  const highest = fleet.netKw + fleet.flexDownKw;
  const reachKw = roundedReach(
    Math.max(-lowest, highest, fleet.importKw, fleet.exportKw, Math.abs(fleet.plannedNetKw ?? 0), 1),
  );
  const x = (powerKw: number) => HALF_WIDTH + (powerKw / reachKw) * HALF_WIDTH;
  return (
    <svg class="tide-scale" viewBox="0 0 1000 56" preserveAspectRatio="none" aria-hidden="true">
      <rect class="reach" x={x(lowest)} y={12} width={x(highest) - x(lowest)} height={32} rx={4} />
      <rect
        class="export"
        x={x(-fleet.exportKw)}
        y={19}
        width={HALF_WIDTH - x(-fleet.exportKw)}
        height={18}
      />
      <rect class="import" x={HALF_WIDTH} y={19} width={x(fleet.importKw) - HALF_WIDTH} height={18} />
      <rect class="middle" x={HALF_WIDTH - 1} y={6} width={2} height={44} />
      {fleet.plannedNetKw === null ? null : (
        <rect class="planned" x={x(fleet.plannedNetKw) - 3} y={3} width={6} height={50} />
      )}
      <rect class="net" x={x(fleet.netKw) - 4} y={14} width={8} height={28} rx={3} />
    </svg>
  );
}

/** The next 1, 2 or 5 times a power of ten, so that the scale does not tremble with every event. */
function roundedReach(reachKw: number): number {
  const power = 10 ** Math.floor(Math.log10(reachKw));
  const step = [1, 2, 5, 10].find((candidate) => candidate * power >= reachKw) ?? 10;
  return step * power;
}
