import { describe, expect, it } from 'vitest';
import { type BaselineRules, DEFAULT_BASELINE_RULES } from '../../../src/domain/delivery.js';
import { asEvseId } from '../../../src/domain/ids.js';
import { baselineKpis } from '../../../src/engine/settlement/baseline-kpis.js';
import { baselineOfDay } from '../../../src/engine/settlement/baseline-methods.js';
import { controlBooksOf, matchControls } from '../../../src/engine/settlement/control-group.js';
import type { DayRecord } from '../../../src/engine/settlement/day-record.js';
import { likeDaysBefore } from '../../../src/engine/settlement/like-days.js';
import { HOUR_MS, MINUTE_MS, NOON_MS, TRANSACTION } from '../../support/engine/fixtures.js';

const DAY_MS = 24 * HOUR_MS;
/** Half an hour from noon. */
const span = { startMs: NOON_MS, endMs: NOON_MS + 30 * MINUTE_MS };
const rules = (changes: Partial<BaselineRules> = {}): BaselineRules => ({
  ...DEFAULT_BASELINE_RULES,
  highest: 2,
  ofDays: 3,
  adjustment: 'none',
  ...changes,
});

/** A day `back` days before with one power before the span, one in it, one after it. */
function dayOf(
  back: number,
  beforeKw: number,
  duringKw: number,
  afterKw = duringKw,
  plannedKw?: number,
): DayRecord {
  const shiftMs = -back * DAY_MS;
  const books = Array.from({ length: 60 }, (_, index) => {
    const startMs = NOON_MS - 4 * HOUR_MS + index * 5 * MINUTE_MS;
    const netKw = startMs < span.startMs ? beforeKw : startMs < span.endMs ? duringKw : afterKw;
    return {
      startMs: startMs + shiftMs,
      importWh: (Math.max(0, netKw) * 1000) / 12,
      exportWh: (Math.max(0, -netKw) * 1000) / 12,
      dischargeWh: (Math.max(0, -netKw) * 1000) / 12,
    };
  });
  const planned =
    plannedKw === undefined
      ? []
      : [{ startMs: NOON_MS + shiftMs - 2 * HOUR_MS, slotMinutes: 180, netKw: plannedKw }];
  return { day: new Date(NOON_MS + shiftMs).toISOString().slice(0, 10), shiftMs, books, planned };
}

describe('high X of Y', () => {
  const earlier = [dayOf(1, 10, 30), dayOf(4, 10, 12), dayOf(5, 10, 18), dayOf(6, 10, 99)];
  const made = (changes: Partial<BaselineRules>, beforeKw = 10) =>
    baselineOfDay('high-x-of-y', { span, day: dayOf(0, beforeKw, -50), earlier, rules: rules(changes) });

  it('is the mean of the X highest of the last Y days, and looks no further back', () => {
    const baseline = made({});
    expect(baseline?.kwAt(NOON_MS + MINUTE_MS)).toBeCloseTo(24, 9);
    expect(baseline?.days).toEqual(['2026-01-19', '2026-01-15']);
    expect(baseline).toMatchObject({ adjustmentKw: 0, adjustmentFactor: 1 });
  });

  it('moves to the level of the day by what was metered before, up to the cap', () => {
    // 13 kW instead of the usual 10 before: 3 kW more, and the cap is 20 % of 24 kW.
    const additive = made({ adjustment: 'additive' }, 13);
    expect(additive?.adjustmentKw).toBeCloseTo(3, 9);
    expect(additive?.kwAt(NOON_MS)).toBeCloseTo(27, 9);
    expect(made({ adjustment: 'additive' }, 40)?.adjustmentKw).toBeCloseTo(4.8, 9);
    expect(made({ adjustment: 'additive' }, -40)?.adjustmentKw).toBeCloseTo(-4.8, 9);
    const multiplied = made({ adjustment: 'multiplicative' }, 11);
    expect(multiplied?.adjustmentFactor).toBeCloseTo(1.1, 9);
    expect(multiplied?.kwAt(NOON_MS)).toBeCloseTo(26.4, 9);
    expect(made({ adjustment: 'multiplicative' }, 99)?.adjustmentFactor).toBeCloseTo(1.2, 9);
    expect(made({ adjustment: 'multiplicative' }, -5)?.adjustmentFactor).toBe(1);
  });

  it('does not look at the hour before the order, in which its notice may already show', () => {
    const day = dayOf(0, 10, -50);
    const told = day.books.map((book) =>
      book.startMs >= NOON_MS - HOUR_MS && book.startMs < NOON_MS ? { ...book, importWh: 9_000 } : book,
    );
    const baseline = baselineOfDay('high-x-of-y', {
      span,
      day: { ...day, books: told },
      earlier,
      rules: rules({ adjustment: 'additive' }),
    });
    expect(baseline?.adjustmentKw).toBeCloseTo(0, 9);
  });

  it('is not made of fewer than Y days', () => {
    expect(made({ ofDays: 5 })).toBeUndefined();
  });
});

describe('like days', () => {
  it('are earlier days of the same type, holidays with the weekend', () => {
    const days = likeDaysBefore(NOON_MS, { timeZone: 'UTC', holidays: ['2026-01-16'] }).map(({ day }) => day);
    expect(days.slice(0, 4)).toEqual(['2026-01-19', '2026-01-15', '2026-01-14', '2026-01-13']);
    const saturday = Date.UTC(2026, 0, 24, 12);
    const free = likeDaysBefore(saturday, { timeZone: 'UTC', holidays: ['2026-01-23'] }).map(
      ({ day }) => day,
    );
    expect(free.slice(0, 3)).toEqual(['2026-01-23', '2026-01-18', '2026-01-17']);
  });

  it('keep the wall clock over a clock change, and know that its day has 23 hours', () => {
    // Monday after the change of 29 March 2026: noon in Berlin is 10:00 UTC, on the Friday before 11:00 UTC.
    const [friday] = likeDaysBefore(Date.UTC(2026, 2, 30, 10), { timeZone: 'Europe/Berlin', holidays: [] });
    expect(friday).toMatchObject({ day: '2026-03-27', shiftMs: -3 * DAY_MS + HOUR_MS });
    const [sunday] = likeDaysBefore(Date.UTC(2026, 3, 4, 10), { timeZone: 'Europe/Berlin', holidays: [] });
    expect((sunday!.toMs - sunday!.fromMs) / HOUR_MS).toBe(23);
  });
});

describe('a control group', () => {
  const evse = (name: string) => asEvseId(`${name}/1`);

  it('stands in for the dispatched by the nearest in power before the order, as many as there are', () => {
    const controls = [
      { evseId: evse('a'), beforeKw: 0 },
      { evseId: evse('b'), beforeKw: 5 },
      { evseId: evse('c'), beforeKw: 11 },
    ];
    const dispatched = [
      { evseId: evse('x'), beforeKw: 10 },
      { evseId: evse('y'), beforeKw: 4 },
      { evseId: evse('z'), beforeKw: 1 },
    ];
    expect(matchControls(dispatched, controls, 1)).toEqual([
      { evseId: evse('a'), standsFor: 1 },
      { evseId: evse('b'), standsFor: 1 },
      { evseId: evse('c'), standsFor: 1 },
    ]);
    const byTwo = matchControls(dispatched, controls, 2);
    expect(byTwo.reduce((sum, { standsFor }) => sum + standsFor, 0)).toBeCloseTo(3, 12);
    expect(byTwo.find(({ evseId }) => evseId === evse('b'))?.standsFor).toBeCloseTo(1.5, 12);
  });

  it('makes the books of a pool that nobody called: its own, and as often again as it stands for others', () => {
    const book = (name: string, importWh: number) => ({
      transactionId: TRANSACTION,
      evseId: evse(name),
      startMs: NOON_MS,
      importWh,
      exportWh: 0,
    });
    const controlBooks = controlBooksOf(
      [book('a', 100), book('b', 200), book('x', 9_999)],
      [evse('a'), evse('b')],
      [{ evseId: evse('b'), standsFor: 3 }],
    );
    expect(controlBooks).toEqual([{ startMs: NOON_MS, importWh: 900, exportWh: 0 }]);
    const baseline = baselineOfDay('control-group', {
      span,
      day: { ...dayOf(0, 0, 0), controlBooks },
      earlier: [],
      rules: rules(),
    });
    expect(baseline?.kwAt(NOON_MS + MINUTE_MS)).toBeCloseTo(10.8, 9);
    expect(
      baselineOfDay('control-group', { span, day: dayOf(0, 0, 0), earlier: [], rules: rules() }),
    ).toBeUndefined();
  });
});

describe('the figures of a baseline on days without an order', () => {
  const judge = (
    baseline: Parameters<typeof baselineKpis>[0],
    days: readonly DayRecord[],
    orderDay = dayOf(0, 14, -50),
  ) =>
    baselineKpis(baseline, {
      span,
      rules: rules({ judgedDays: 2 }),
      orderDay,
      days,
      toleranceFraction: 0.05,
    });

  it('are bias, MAE, RMSE and the share inside the tolerance, of the newest days that can be judged', () => {
    // The plan said 20: 10 metered on one day, 20 on the other. The third day is not judged any more.
    const days = [dayOf(1, 20, 10, 10, 20), dayOf(4, 20, 20, 20, 20), dayOf(5, 0, 0, 0, 20)];
    const kpis = judge('nominated-plan', days, dayOf(0, 14, -50, -50, 20));
    expect(kpis).toMatchObject({ days: ['2026-01-19', '2026-01-16'], steps: 12, withinTolerance: 0.5 });
    expect(kpis.biasKw).toBeCloseTo(5, 9);
    expect(kpis.maeKw).toBeCloseTo(5, 9);
    expect(kpis.rmseKw).toBeCloseTo(Math.sqrt(50), 9);
    expect(kpis.rrmse).toBeCloseTo(Math.sqrt(50) / 15, 9);
    // Before this order the plan was 6 kW above the meter, on other days it was right.
    expect(kpis.biasBeforeOrderKw).toBeCloseTo(6, 9);
    expect(kpis.usualBiasBeforeKw).toBeCloseTo(0, 9);
  });

  it('take meters before and after from the judged day itself', () => {
    const kpis = judge('meter-before-meter-after', [dayOf(1, 10, 15, 30)]);
    expect(kpis.biasKw).toBeCloseTo(5, 9);
  });

  it('judge high X of Y by the days before each judged day', () => {
    const days = [dayOf(1, 0, 10), dayOf(4, 0, 20), dayOf(5, 0, 30), dayOf(6, 0, 5), dayOf(7, 0, 40)];
    const kpis = judge('high-x-of-y', days);
    // 19 January: 30 and 20 of 20, 30, 5. 16 January: 40 and 30 of 30, 5, 40.
    expect(kpis.days).toEqual(['2026-01-19', '2026-01-16']);
    expect(kpis.biasKw).toBeCloseTo((15 + 15) / 2, 9);
  });

  it('of zero for discharge look at discharge alone', () => {
    expect(judge('zero-for-discharge', [dayOf(1, 0, 12)]).biasKw).toBeCloseTo(0, 9);
    expect(judge('zero-for-discharge', [dayOf(1, 0, -12)]).biasKw).toBeCloseTo(12, 9);
    expect(judge('zero', [dayOf(1, 0, 12)]).biasKw).toBeCloseTo(-12, 9);
  });

  it('are unknown, not zero, without days', () => {
    expect(judge('high-x-of-y', [])).toMatchObject({ days: [], steps: 0, biasKw: null, rmseKw: null });
  });
});
