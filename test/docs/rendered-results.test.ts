import { describe, expect, it } from 'vitest';
import { calibrationSection } from '../../benchmarks/calibration-section.js';
import { orderSection } from '../../benchmarks/order-section.js';
import { readPage, withSection } from '../../benchmarks/rendered-section.js';
import calibration from '../../benchmarks/results/calibration.json' with { type: 'json' };
import order from '../../benchmarks/results/order.json' with { type: 'json' };

describe('figures in the docs', () => {
  it.each([calibrationSection(calibration), orderSection(order)])(
    'of $name are those of the committed results',
    (section) => {
      const page = readPage(section.page);
      expect(withSection(page, section)).toBe(page);
    },
  );

  it('keep what is promised', () => {
    expect(calibration.days).toBeGreaterThanOrEqual(60);
    for (const { all } of calibration.directions) expect(all.share).toBeGreaterThanOrEqual(0.87);
    expect(order.cars).toBeGreaterThanOrEqual(500);
    expect(order.live.firstKwS).toBeLessThanOrEqual(10);
    expect(order.delivery).toMatchObject({ state: 'delivered', reportOffWh: 0, worstEvseOffWh: 0 });
    expect(order.delivery.errorFraction).toBeLessThanOrEqual(0.03);
  });
});
