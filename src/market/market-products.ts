import { invalidInput } from '../domain/errors.js';
import type { HolidayCalendar } from '../domain/holidays.js';
import type { MarketProduct } from '../domain/market-product.js';
import { documentsIn } from './documents-in-folders.js';
import { productFaults } from './product-rules.js';

export interface DocumentFolders {
  /** Path of the schema. */
  readonly schemaFile: string;
  /** Read in order; a later file of the same id replaces an earlier one. */
  readonly folders: readonly string[];
}

/**
 * All market products of some folders, by id, a user's file before a preset.
 * Throws INVALID_INPUT naming file and field, with every fault of the first bad file.
 */
export function loadMarketProducts({ schemaFile, folders }: DocumentFolders): Promise<MarketProduct[]> {
  return documentsIn({ schemaFile, faultsOf: productFaults }, folders);
}

/** Holiday calendars in the same way, by id. */
export async function loadHolidayCalendars({
  schemaFile,
  folders,
}: DocumentFolders): Promise<ReadonlyMap<string, HolidayCalendar>> {
  const calendars = await documentsIn<HolidayCalendar>({ schemaFile, faultsOf: () => [] }, folders);
  return new Map(calendars.map((calendar) => [calendar.id, calendar]));
}

/** Throws INVALID_INPUT where a product names a calendar that is not there. */
export function assertCalendars(
  products: readonly MarketProduct[],
  calendars: ReadonlyMap<string, HolidayCalendar>,
): void {
  for (const { id, holidays } of products) {
    if (holidays === undefined || calendars.has(holidays)) continue;
    throw invalidInput(`product ${id} holidays`, `there is no calendar ${holidays}`);
  }
}
