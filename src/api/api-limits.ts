const MIB = 1024 * 1024;

/** Every bound that the HTTP API puts on a caller, in one place. */
export const API_LIMITS = {
  /** Largest body but for prices: a site of 5,000 stations fits. */
  bodyBytes: MIB / 4,
  /** A year of quarter-hour prices as ENTSO-E XML is below 8 MiB. */
  priceBodyBytes: 16 * MIB,
  /** 400 days of quarter-hours. */
  priceSlots: 38_400,
  priceSpanDays: 400,
  historySpanDays: 400,
  historySteps: 10_000,
  historyStepS: 86_400,
  settlementSpanDays: 92,
  dispatchSpanDays: 92,
  /** Power that an order may name, either way, kW: no fleet there is has a gigawatt. */
  orderKw: 1_000_000,
  sessionRows: 1_000,
  /** Faults named in one answer; more would help nobody. */
  faults: 20,
  /** Per address and minute; the probes /healthz, /readyz and /metrics do not count. */
  requestsPerMinute: 6_000,
  eventClients: 200,
  /** Events that wait for one slow client before it is dropped. */
  eventsWaiting: 4_096,
  /** Bytes in the socket's own buffer before events wait. */
  eventSocketBytes: MIB / 4,
  /** Time for a dropped client to take its notice before the socket is cut. */
  laggedGraceMs: 5_000,
  heartbeatMs: 15_000,
  requestTimeoutMs: 60_000,
} as const;
