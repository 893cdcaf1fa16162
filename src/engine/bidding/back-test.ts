import type { MarketProduct } from '../../domain/market-product.js';
import type { AvailabilityModel } from './availability-sample.js';
import { type FirmMethod, firmCapacity, type Proportion, proportionOf } from './firm-capacity.js';
import { gateOf, type ProductBlock } from './product-blocks.js';

export interface BackTestBlock {
  readonly day: string;
  readonly startLocal: string;
  readonly bidKw: number;
  readonly actualKw: number;
  readonly scenarios: number;
}

export interface BackTest {
  readonly blocks: readonly BackTestBlock[];
  /** Reliability reached, over all blocks and per local start of the block. Empty bids are left out. */
  readonly all: Proportion;
  readonly byStart: ReadonlyMap<string, Proportion>;
  /** Blocks without a bid: the sample carried none. */
  readonly withoutBid: number;
}

/**
 * Bids for past blocks as they would have been made at gate closure, held against what the pool
 * then had. Each bid sees only what was known when its gate closed.
 */
export function backTest(
  model: AvailabilityModel,
  product: MarketProduct,
  past: readonly ProductBlock[],
  bid: { readonly reliability: number; readonly method: FirmMethod },
): BackTest {
  const blocks: BackTestBlock[] = [];
  let withoutBid = 0;
  for (const block of past) {
    const { scenarios } = model.sample(block, gateOf(product, block).closesMs);
    const firm = firmCapacity(
      scenarios.map(({ scaledKw }) => scaledKw),
      bid.reliability,
      bid.method,
    );
    if (firm.kw <= 0) {
      withoutBid += 1;
      continue;
    }
    blocks.push({
      day: block.day,
      startLocal: block.startLocal,
      bidKw: firm.kw,
      actualKw: model.actualKw(block),
      scenarios: firm.scenarios,
    });
  }
  return { blocks, withoutBid, all: reachedBy(blocks), byStart: reachedByStart(blocks) };
}

function reachedByStart(blocks: readonly BackTestBlock[]): Map<string, Proportion> {
  const starts = [...new Set(blocks.map(({ startLocal }) => startLocal))].sort();
  return new Map(
    starts.map((start) => [start, reachedBy(blocks.filter(({ startLocal }) => startLocal === start))]),
  );
}

function reachedBy(blocks: readonly BackTestBlock[]): Proportion {
  return proportionOf(blocks.filter(({ actualKw, bidKw }) => actualKw >= bidKw).length, blocks.length);
}
