import { describe, expect, it } from 'vitest';
import { calibrate, JUDGED, v2gPool } from '../../benchmarks/bid-calibration-cases.js';
import { readSessionsFile } from '../../src/simulator/read-sessions-file.js';
import { realDataPath } from './data-directory.js';

const pool = v2gPool(readSessionsFile(realDataPath('ev_sessions_norway.csv')).sessions);

describe('bids at P90 on the Norwegian sessions, V2G of 11 kW assumed', () => {
  it.each(['up', 'down', 'symmetric'] as const)(
    '%s hold in at least 87 percent of the blocks of 151 days that no choice rests on',
    (direction) => {
      const { all, byStart, blocks, withoutBid } = calibrate(pool, direction, {
        ...JUDGED,
        reliability: 0.9,
        method: 'quantile',
      });
      expect(all.of).toBe(151 * 6);
      expect(withoutBid).toBe(0);
      expect(all.share).toBeGreaterThanOrEqual(0.87);
      expect([...byStart.values()].filter(({ share }) => share < 0.87)).toEqual([]);
      // A bid of next to nothing would hold as well: more than half of what is there is sold.
      const sum = (field: 'bidKw' | 'actualKw') => blocks.reduce((total, block) => total + block[field], 0);
      expect(sum('bidKw') / sum('actualKw')).toBeGreaterThan(0.6);
    },
  );
});
