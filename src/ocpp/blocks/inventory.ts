import type { DeviceVariable } from '../../domain/station.js';
import type { NotifyReportRequest, ReportData } from '../wire/device-messages.js';

/** Rows kept of one inventory; large stations report a few thousand. */
export const MAX_INVENTORY_ROWS = 50_000;

export type PageOutcome =
  | { readonly kind: 'more' }
  | { readonly kind: 'complete'; readonly rows: readonly DeviceVariable[] }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'not-asked' }
  | { readonly kind: 'page-missing'; readonly expectedSeqNo: number }
  | { readonly kind: 'too-many-rows' };

/**
 * Collects the pages of one GetBaseReport; asking again forgets what came before. A page out of turn drops
 * the whole inventory: a device model with holes would read as missing capability.
 */
export class Inventory {
  #requestId = 0;
  #collecting: { nextSeqNo: number | undefined; rows: DeviceVariable[] } | undefined;

  get isCollecting(): boolean {
    return this.#collecting !== undefined;
  }

  /** Starts a collection; the result is the requestId to send. */
  begin(): number {
    this.#requestId += 1;
    this.#collecting = { nextSeqNo: undefined, rows: [] };
    return this.#requestId;
  }

  /**
   * Takes a page. `complete` stays so until {@link finish}: when the rows cannot be stored, the station sends
   * its last page again.
   */
  add(page: NotifyReportRequest): PageOutcome {
    const collecting = this.#collecting;
    if (collecting === undefined || page.requestId !== this.#requestId) return { kind: 'not-asked' };
    // Interpretation: pages count from 0; a station that counts from 1 is understood too.
    const expectedSeqNo = collecting.nextSeqNo ?? Math.min(page.seqNo, 1);
    if (page.seqNo < expectedSeqNo) return { kind: 'repeated' };
    if (page.seqNo > expectedSeqNo) {
      this.#collecting = undefined;
      return { kind: 'page-missing', expectedSeqNo };
    }
    const rows = [...collecting.rows, ...deviceRowsOf(page.reportData ?? [])];
    if (rows.length > MAX_INVENTORY_ROWS) {
      this.#collecting = undefined;
      return { kind: 'too-many-rows' };
    }
    if (page.tbc !== true) return { kind: 'complete', rows };
    this.#collecting = { nextSeqNo: expectedSeqNo + 1, rows };
    return { kind: 'more' };
  }

  finish(): void {
    this.#collecting = undefined;
  }
}

/** What went wrong with a page, for a log. */
export function textOfPageOutcome(outcome: PageOutcome): string {
  switch (outcome.kind) {
    case 'more':
      return 'A page of the inventory';
    case 'complete':
      return `Inventory of ${outcome.rows.length} rows`;
    case 'repeated':
      return 'A page of the inventory that had come before';
    case 'not-asked':
      return 'A report that nobody asked for';
    case 'page-missing':
      return `The inventory lacks page ${outcome.expectedSeqNo}; dropped`;
    case 'too-many-rows':
      return `The inventory has more than ${MAX_INVENTORY_ROWS} rows; dropped`;
  }
}

/** One row per attribute (absent type = Actual), names as the station wrote them. */
export function deviceRowsOf(reportData: readonly ReportData[]): DeviceVariable[] {
  return reportData.flatMap(({ component, variable, variableAttribute, variableCharacteristics }) =>
    variableAttribute.map((attribute) => ({
      component: component.name,
      ...(component.instance === undefined ? {} : { componentInstance: component.instance }),
      ...(component.evse === undefined ? {} : { evseNumber: component.evse.id }),
      variable: variable.name,
      ...(variable.instance === undefined ? {} : { variableInstance: variable.instance }),
      attribute: attribute.type ?? 'Actual',
      ...(attribute.value === undefined ? {} : { value: attribute.value }),
      ...(variableCharacteristics?.maxLimit === undefined
        ? {}
        : { maxLimit: variableCharacteristics.maxLimit }),
      ...(variableCharacteristics?.unit === undefined ? {} : { unit: variableCharacteristics.unit }),
    })),
  );
}
