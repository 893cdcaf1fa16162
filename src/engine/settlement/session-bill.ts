import type { LedgerState } from '../../domain/ledger.js';
import { createRunningRound, minorPerUnit, type RunningRound } from '../../domain/money.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import type { IntervalEnergy } from '../../domain/reading.js';
import type { Session } from '../../domain/session.js';
import type { Tariff } from '../../domain/tariff.js';
import type { PriceSlot } from '../../ports/store.js';
import { priceAt } from '../planning/price-horizon.js';
import { documentAt, MARKET_TARIFF, ratesAt } from '../prices/tariff-rates.js';
import { SETTLEMENT_MINUTES } from './settlement-lines.js';

const LINE_MS = SETTLEMENT_MINUTES * MS_PER_MINUTE;

/** What does not flow needs no price. */
const NO_RATES: ReadonlyMap<string, number> = new Map();

/** The lines of a session; `unpriced` are those whose money nobody knows: they are not booked, and not guessed. */
export interface SessionBill {
  readonly lines: readonly LedgerState[];
  readonly unpriced: readonly {
    readonly startMs: number;
    readonly importWh: number;
    readonly exportWh: number;
  }[];
}

interface OpenLine {
  readonly startMs: number;
  readonly amounts: Record<string, number>;
  tariffId: string;
  currency: string | undefined;
  importWh: number;
  exportWh: number;
  isUnpriced: boolean;
}

/** Energy taken from the grid and not yet fed back, with what the refundable parts of it cost per kWh. */
interface Lot {
  leftWh: number;
  readonly ratePerKwh: ReadonlyMap<string, number>;
}

/**
 * What a session took and fed in and what each costs or brings, per quarter-hour, by part of the tariff that
 * holds then. Books become whole Wh, money whole minor units, each as the difference of rounded running sums
 * over the session: so lines add up to the rounded whole, at every line, to the Wh and the cent.
 */
export function sessionBill(
  session: Pick<Session, 'transactionId' | 'evseId' | 'siteId'>,
  books: readonly IntervalEnergy[],
  tariffs: readonly Tariff[],
  prices: readonly PriceSlot[],
): SessionBill {
  const siteId = session.siteId ?? null;
  const importRound = createRunningRound();
  const exportRound = createRunningRound();
  const moneyRounds = new Map<string, RunningRound>();
  const lots: Lot[] = [];
  const lines = new Map<number, OpenLine>();

  const book = (line: OpenLine, account: string, amount: number): void => {
    const round = moneyRounds.get(`${line.currency}|${account}`) ?? createRunningRound();
    moneyRounds.set(`${line.currency}|${account}`, round);
    line.amounts[account] = (line.amounts[account] ?? 0) + round.add(amount);
  };

  for (const energy of [...books].sort((a, b) => a.startMs - b.startMs)) {
    const startMs = Math.floor(energy.startMs / LINE_MS) * LINE_MS;
    const line = lines.get(startMs) ?? emptyLine(startMs);
    lines.set(startMs, line);
    const importWh = importRound.add(energy.importWh);
    const exportWh = exportRound.add(energy.exportWh);
    line.importWh += importWh;
    line.exportWh += exportWh;
    if (importWh === 0 && exportWh === 0) continue;
    const price = priceAt(prices, energy.startMs);
    const own = documentAt(tariffs, siteId, energy.startMs);
    const tariff = own ?? MARKET_TARIFF;
    const currency = own?.currency ?? price?.currency;
    const importRates = importWh === 0 ? NO_RATES : ratesAt(tariff, 'import', energy.startMs, price);
    const exportRates = exportWh === 0 ? NO_RATES : ratesAt(tariff, 'export', energy.startMs, price);
    const isForeign = own !== undefined && price !== undefined && price.currency !== own.currency;
    const isMixed = line.currency !== undefined && line.currency !== currency;
    if (currency === undefined || importRates === null || exportRates === null || isForeign || isMixed) {
      line.isUnpriced = true;
      continue;
    }
    line.currency = currency;
    line.tariffId = tariff.id;
    const minor = minorPerUnit(currency);
    for (const [part, rate] of importRates) book(line, `import.${part}`, (importWh / 1000) * rate * minor);
    for (const [part, rate] of exportRates) book(line, `export.${part}`, -(exportWh / 1000) * rate * minor);
    const refunded = new Map((tariff.refund?.parts ?? []).map((part) => [part, importRates.get(part) ?? 0]));
    if (importWh > 0) lots.push({ leftWh: importWh, ratePerKwh: refunded });
    for (const [part, amount] of takeBack(lots, exportWh * (tariff.refund?.perExportedKwh ?? 1))) {
      book(line, `refund.${part}`, -amount * minor);
    }
  }
  const all = [...lines.values()];
  return {
    lines: all.flatMap(({ isUnpriced, tariffId, currency, ...line }) =>
      isUnpriced || currency === undefined
        ? []
        : [
            {
              ...line,
              subject: 'line' as const,
              transactionId: session.transactionId,
              evseId: session.evseId,
              siteId,
              currency,
              rests: tariffId,
            },
          ],
    ),
    unpriced: all
      .filter(({ isUnpriced }) => isUnpriced)
      .map(({ startMs, importWh, exportWh }) => ({ startMs, importWh, exportWh })),
  };
}

/** Money per part for energy that goes back, out of the oldest lots; energy that was never taken gets none. */
function takeBack(lots: Lot[], exportedWh: number): Map<string, number> {
  const amounts = new Map<string, number>();
  let leftWh = exportedWh;
  while (leftWh > 0) {
    const lot = lots[0];
    if (lot === undefined) break;
    const takenWh = Math.min(leftWh, lot.leftWh);
    for (const [part, rate] of lot.ratePerKwh) {
      amounts.set(part, (amounts.get(part) ?? 0) + (takenWh / 1000) * rate);
    }
    lot.leftWh -= takenWh;
    leftWh -= takenWh;
    if (lot.leftWh <= 0) lots.shift();
  }
  return amounts;
}

function emptyLine(startMs: number): OpenLine {
  return {
    startMs,
    amounts: {},
    tariffId: MARKET_TARIFF.id,
    currency: undefined,
    importWh: 0,
    exportWh: 0,
    isUnpriced: false,
  };
}
