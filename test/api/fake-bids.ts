import type { Bid, BidState } from '../../src/domain/bid.js';
import { asBidId, asStationId, asTransactionId, evseIdOf } from '../../src/domain/ids.js';
import type { BidView } from '../../src/ports/use-cases.js';
import { productOf } from '../support/engine/bidding-fixtures.js';
import { NOW_MS } from './fake-fleet.js';

const HOUR_MS = 3_600_000;

/** A bid of 200 kW in two steps for a block that begins tomorrow at noon UTC. */
export function bidView(changes: Partial<Bid> = {}, state: BidState = 'open'): BidView {
  const bid: Bid = {
    bidId: asBidId('bid-1'),
    product: productOf(),
    startMs: NOW_MS + 24 * HOUR_MS,
    endMs: NOW_MS + 28 * HOUR_MS,
    reliability: 0.9,
    method: 'quantile',
    firmKw: 204.7,
    offeredKw: 200,
    steps: [
      { kw: 100, pricePerKwPerHour: 0.01 },
      { kw: 200, pricePerKwPerHour: 0.024 },
    ],
    backing: {
      dayType: 'weekday',
      days: 60,
      fromDay: '2025-10-01',
      toDay: '2026-01-16',
      rank: 6,
      evses: 50,
      expectedKw: 260,
      leastKw: 180,
      backTest: { held: 55, of: 60, low: 0.81, high: 0.96 },
      plannedDay: '2026-01-08',
      plannedKw: 204,
      stackedOn: [],
      sessions: [
        {
          transactionId: asTransactionId('tx-1'),
          evseId: evseIdOf(asStationId('cs-1'), 1),
          capacityKw: 11,
        },
      ],
    },
    because: ['204.7 kW were there in all but 5 of 60 days like this one.'],
    createdAtMs: NOW_MS,
    createdBy: 'id-trader',
    expiresAtMs: NOW_MS + 20 * HOUR_MS,
    ...changes,
  };
  return { bid, state };
}
