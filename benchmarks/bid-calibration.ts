// Do bids hold as often as they promise? Bids at P90 for every four-hour block of the judged days, each made
// from what was known when its gate closed, held against what was then plugged in.
//
//   npm run bench:calibration -- [--reliability 0.9] [--method quantile|cvar] [--from DAY] [--to DAY] [--sessions FILE]
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { ProductDirection } from '../src/domain/market-product.js';
import { dayTypeOf } from '../src/engine/bidding/availability-sample.js';
import type { BackTestBlock } from '../src/engine/bidding/back-test.js';
import { type Proportion, proportionOf } from '../src/engine/bidding/firm-capacity.js';
import { readSessionsFile } from '../src/simulator/read-sessions-file.js';
import { calibrate, daysFrom, JUDGED, v2gPool } from './bid-calibration-cases.js';

const SESSIONS = 'ev_sessions_norway.csv';
const folder = process.env.EBBFLOW_REAL_DATA ?? fileURLToPath(new URL('../../shared/data', import.meta.url));
const { values } = parseArgs({
  options: {
    reliability: { type: 'string', default: '0.9' },
    method: { type: 'string', default: 'quantile' },
    from: { type: 'string', default: JUDGED.from },
    to: { type: 'string', default: JUDGED.to },
    sessions: { type: 'string', default: `${folder}/${SESSIONS}` },
  },
});
const { from, to, sessions } = values;
const method = values.method === 'cvar' ? 'cvar' : 'quantile';
const reliability = Number(values.reliability);
if (!(reliability > 0 && reliability < 1)) fail('--reliability: must lie between 0 and 1');
if (!existsSync(sessions)) fail(`--sessions: there is no ${sessions}`);

const started = performance.now();
const pool = v2gPool(readSessionsFile(sessions).sessions);
console.log(`${pool.length} sessions, ${daysFrom(from, to).length} days from ${from} to ${to}, ${method} at`);
console.log(
  `reliability ${reliability}; gate 08:00 of the day before; V2G of 11 kW assumed. 95 % intervals.\n`,
);
for (const direction of ['up', 'down', 'symmetric'] as const satisfies readonly ProductDirection[]) {
  const test = calibrate(pool, direction, { from, to, reliability, method });
  console.log(
    `${direction}: ${line(test.all)}${test.withoutBid > 0 ? `, ${test.withoutBid} without a bid` : ''}`,
  );
  for (const [start, reached] of test.byStart) {
    const blocks = test.blocks.filter((block) => block.startLocal === start);
    console.log(
      `  block ${start}  ${line(reached)}  bid ${mean(blocks, 'bidKw')} kW of ${mean(blocks, 'actualKw')} kW`,
    );
  }
  for (const type of ['weekday', 'weekend'] as const) {
    const ofType = test.blocks.filter((block) => dayTypeOf(block.day, new Set()) === type);
    const held = ofType.filter(({ actualKw, bidKw }) => actualKw >= bidKw).length;
    console.log(`  ${type.padEnd(11)}  ${line(proportionOf(held, ofType.length))}`);
  }
}
console.log(`\n${((performance.now() - started) / 1000).toFixed(1)} s`);

function line({ held, of, share, low, high }: Proportion): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  return `held ${held} of ${of} = ${percent(share)} [${percent(low)}, ${percent(high)}]`;
}

function mean(blocks: readonly BackTestBlock[], field: 'bidKw' | 'actualKw'): string {
  return (blocks.reduce((sum, block) => sum + block[field], 0) / blocks.length).toFixed(0);
}

function fail(text: string): never {
  console.error(`bid-calibration: ${text}`);
  process.exit(2);
}
