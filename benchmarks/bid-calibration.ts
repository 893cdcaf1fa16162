// Do bids hold as often as they promise? Bids at P90 for every four-hour block of the judged days, each made
// from what was known when its gate closed, held against what was then plugged in.
//
//   npm run bench:calibration -- [--reliability 0.9] [--method quantile|cvar] [--from DAY] [--to DAY] [--sessions FILE]
//   [--out FILE], benchmarks/results/calibration.json for the one that the docs are made from
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { ProductDirection } from '../src/domain/market-product.js';
import { dayTypeOf } from '../src/engine/bidding/availability-sample.js';
import type { BackTestBlock } from '../src/engine/bidding/back-test.js';
import { type Proportion, proportionOf } from '../src/engine/bidding/firm-capacity.js';
import { readSessionsFile } from '../src/simulator/read-sessions-file.js';
import { calibrate, daysFrom, JUDGED, v2gPool } from './bid-calibration-cases.js';
import { type CalibrationResults, calibrationSection } from './calibration-section.js';
import { writeSection } from './rendered-section.js';

const SESSIONS = 'ev_sessions_norway.csv';
const folder = process.env.EBBFLOW_REAL_DATA ?? fileURLToPath(new URL('../../shared/data', import.meta.url));
const COMMITTED = 'benchmarks/results/calibration.json';
const { values } = parseArgs({
  options: {
    reliability: { type: 'string', default: '0.9' },
    method: { type: 'string', default: 'quantile' },
    from: { type: 'string', default: JUDGED.from },
    to: { type: 'string', default: JUDGED.to },
    sessions: { type: 'string', default: `${folder}/${SESSIONS}` },
    out: { type: 'string' },
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
const directions = (['up', 'down', 'symmetric'] as const satisfies readonly ProductDirection[]).map(
  (direction) => {
    const test = calibrate(pool, direction, { from, to, reliability, method });
    const lineOf = (name: string, blocks: readonly BackTestBlock[]) => ({
      name,
      ...proportionOf(blocks.filter(({ actualKw, bidKw }) => actualKw >= bidKw).length, blocks.length),
      bidKw: mean(blocks, 'bidKw'),
      actualKw: mean(blocks, 'actualKw'),
    });
    const result = {
      direction,
      all: lineOf('all', test.blocks),
      withoutBid: test.withoutBid,
      blocks: [...test.byStart.keys()].map((start) =>
        lineOf(
          start,
          test.blocks.filter((block) => block.startLocal === start),
        ),
      ),
      dayTypes: (['weekday', 'weekend'] as const).map((type) =>
        lineOf(
          type,
          test.blocks.filter((block) => dayTypeOf(block.day, new Set()) === type),
        ),
      ),
    };
    for (const { name, bidKw, actualKw, ...held } of [result.all, ...result.blocks, ...result.dayTypes]) {
      const label = `${direction.padEnd(9)}  ${name.padEnd(7)}`;
      console.log(`${label}  ${line(held)}  bid ${bidKw.toFixed(0)} kW of ${actualKw.toFixed(0)} kW`);
    }
    if (test.withoutBid > 0) console.log(`${direction}: ${test.withoutBid} blocks without a bid`);
    return result;
  },
);
const { user, system } = process.cpuUsage();
const results: CalibrationResults = {
  date: new Date().toISOString(),
  node: process.version,
  cpuSeconds: (user + system) / 1e6,
  from,
  to,
  days: daysFrom(from, to).length,
  sessions: pool.length,
  reliability,
  method,
  directions,
};
console.log(`\n${((performance.now() - started) / 1000).toFixed(1)} s`);
if (values.out !== undefined) {
  await writeFile(values.out, `${JSON.stringify(results, null, 2)}\n`);
  if (values.out === COMMITTED) writeSection(calibrationSection(results));
}
// What is promised of bids at P90 (docs/bids.md).
if (method === 'quantile' && reliability === 0.9 && directions.some(({ all }) => all.share < 0.87))
  process.exitCode = 1;

function line({ held, of, share, low, high }: Proportion): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  return `held ${held} of ${of} = ${percent(share)} [${percent(low)}, ${percent(high)}]`;
}

function mean(blocks: readonly BackTestBlock[], field: 'bidKw' | 'actualKw'): number {
  return blocks.reduce((sum, block) => sum + block[field], 0) / blocks.length;
}

function fail(text: string): never {
  console.error(`bid-calibration: ${text}`);
  process.exit(2);
}
