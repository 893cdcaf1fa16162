import { type ToldSchedule, toldPowerKwAt } from '../../domain/composite-schedule.js';
import type { ReadBackProof } from '../../domain/evse-record.js';
import type { DesiredProfile } from '../../domain/profile.js';
import type { ProfileDialect } from '../../domain/station.js';
import { type AskedTrace, askedBand } from './asked-trace.js';
import { toleranceKw } from './judge-sample.js';

const STEP_S = 30;
/** Periods may begin and end so much later or earlier: whole seconds, wrong clocks, our question's way. */
const EDGE_MS = 90_000;
/** Share of the compared time that may differ. */
const MAX_DIFFERENT = 0.05;
/** Stations tell "no limit" as a number that no car draws. */
const UNLIMITED_KW = 500;

/**
 * Whether what a station tells is what it was sent, over the time for which both speak. Compared every half
 * minute; at each step what it tells must lie between the least and the most that the profile asks around
 * that time. Of a Dynamic profile the station knows the present value alone. A limit above the profile's is
 * no agreement.
 */
export function matchSchedule(
  { profile, dialect }: { profile: DesiredProfile; dialect: ProfileDialect },
  told: ToldSchedule,
  askedAtMs: number,
): Pick<ReadBackProof, 'outcome' | 'withDischarge' | 'detail'> {
  const trace = traceOf(profile, dialect);
  const spanS = dialect === 'dynamic' ? 1 : told.durationS;
  const aheadMs = dialect === 'dynamic' ? 0 : EDGE_MS;
  let compared = 0;
  let different = 0;
  let withDischarge = false;
  let first = '';
  for (let afterS = 0; afterS < spanS; afterS += STEP_S) {
    const atMs = askedAtMs + afterS * 1000 + aheadMs;
    const band = askedBand(trace, { fromMs: atMs, toMs: atMs }, EDGE_MS + aheadMs);
    const toldKw = toldPowerKwAt(told, afterS);
    if (band === undefined || toldKw === undefined) continue;
    compared += 1;
    const tolerance = toleranceKw(band);
    if (band.mostKw < -tolerance) withDischarge = true;
    if (toldKw >= band.leastKw - tolerance && toldKw <= band.mostKw + tolerance) continue;
    different += 1;
    if (first === '') {
      const says = toldKw >= UNLIMITED_KW ? 'no limit' : `${toldKw.toFixed(1)} kW`;
      first = `for ${afterS} s later it was told ${band.mostKw.toFixed(1)} kW and says ${says}`;
    }
  }
  if (compared === 0) {
    return {
      outcome: 'not-answered',
      withDischarge: false,
      detail: 'its schedule covers none of the profile',
    };
  }
  return different > MAX_DIFFERENT * compared
    ? { outcome: 'contradicts', withDischarge, detail: first }
    : { outcome: 'agrees', withDischarge, detail: '' };
}

/** As if its first period had always held: what was before is not looked at. */
function traceOf(profile: DesiredProfile, dialect: ProfileDialect): AskedTrace {
  const [first, ...later] = profile.periods;
  if (first === undefined) return [];
  const begun = { ...profile, periods: [{ ...first, startMs: Number.NEGATIVE_INFINITY }, ...later] };
  return [{ fromMs: Number.NEGATIVE_INFINITY, profile: begun, dialect }];
}
