import { describe, expect, it } from 'vitest';
import { Inventory, MAX_INVENTORY_ROWS, textOfPageOutcome } from '../../../src/ocpp/blocks/inventory.js';
import type { NotifyReportRequest, ReportData } from '../../../src/ocpp/wire/device-messages.js';

const row = (value: string): ReportData => ({
  component: { name: 'C', evse: { id: 1 } },
  variable: { name: 'V' },
  variableAttribute: [{ type: 'MaxSet', value }],
});
const page = (
  requestId: number,
  seqNo: number,
  tbc: boolean,
  rows = [row(String(seqNo))],
): NotifyReportRequest => ({
  requestId,
  generatedAt: '2026-03-14T17:55:04Z',
  seqNo,
  tbc,
  reportData: rows,
});
const expectedRow = (value: string) => ({
  component: 'C',
  evseNumber: 1,
  variable: 'V',
  attribute: 'MaxSet',
  value,
});

describe('B07: the pages of an inventory (NotifyReport)', () => {
  it('are put together in order', () => {
    const inventory = new Inventory();
    const id = inventory.begin();
    expect(inventory.add(page(id, 0, true))).toEqual({ kind: 'more' });
    expect(inventory.add(page(id, 1, false))).toEqual({
      kind: 'complete',
      rows: [expectedRow('0'), expectedRow('1')],
    });
    inventory.finish();
    expect(inventory.isCollecting).toBe(false);
  });

  it('may count from 1, and a page that comes twice counts once', () => {
    const inventory = new Inventory();
    const id = inventory.begin();
    inventory.add(page(id, 1, true));
    expect(inventory.add(page(id, 1, true))).toEqual({ kind: 'repeated' });
    expect(inventory.add(page(id, 2, false))).toMatchObject({
      rows: [expectedRow('1'), expectedRow('2')],
    });
  });

  it('with one missing are dropped as a whole', () => {
    const inventory = new Inventory();
    const id = inventory.begin();
    inventory.add(page(id, 0, true));
    const outcome = inventory.add(page(id, 2, false));
    expect(outcome).toEqual({ kind: 'page-missing', expectedSeqNo: 1 });
    expect(textOfPageOutcome(outcome)).toContain('1');
    expect(inventory.add(page(id, 3, false))).toEqual({ kind: 'not-asked' });
  });

  it('of another request, or of none, are not ours', () => {
    const inventory = new Inventory();
    expect(inventory.add(page(1, 0, false))).toEqual({ kind: 'not-asked' });
    const id = inventory.begin();
    expect(inventory.add(page(id + 1, 0, false))).toEqual({ kind: 'not-asked' });
  });

  it('of an earlier request are forgotten when the inventory is asked for again', () => {
    const inventory = new Inventory();
    const first = inventory.begin();
    inventory.add(page(first, 0, true));
    const second = inventory.begin();
    expect(inventory.add(page(first, 1, false))).toEqual({ kind: 'not-asked' });
    expect(inventory.add(page(second, 0, false, [row('x')]))).toMatchObject({ rows: [expectedRow('x')] });
  });

  it('beyond the row limit are dropped', () => {
    const inventory = new Inventory();
    const id = inventory.begin();
    const many = Array.from({ length: MAX_INVENTORY_ROWS + 1 }, () => row('x'));
    expect(inventory.add(page(id, 0, true, many))).toEqual({ kind: 'too-many-rows' });
    expect(inventory.isCollecting).toBe(false);
  });

  it('without rows are an empty inventory', () => {
    const inventory = new Inventory();
    const id = inventory.begin();
    const { reportData: _none, ...empty } = page(id, 0, false);
    expect(inventory.add(empty)).toEqual({ kind: 'complete', rows: [] });
  });
});
