import type { DispatchOrder } from '../../domain/dispatch.js';

/** Net power that an order asks of its scope at an instant, kW; undefined outside its time and for a cap. */
export function askedNetKwAt(order: DispatchOrder, atMs: number): number | undefined {
  if (atMs < order.startMs || atMs >= order.endMs) return undefined;
  if (order.targetNetKw !== undefined) return order.targetNetKw;
  let askedKw: number | undefined;
  for (const step of order.askedNetKw) {
    if (step.startMs > atMs) break;
    askedKw = step.netKw;
  }
  return askedKw;
}
