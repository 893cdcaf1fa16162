import type { ExternalLimit } from '../../../src/domain/external-limit.js';
import type { EvseId, StationId, TransactionId } from '../../../src/domain/ids.js';
import { asTransactionId, evseIdOf } from '../../../src/domain/ids.js';
import type { DesiredProfile } from '../../../src/domain/profile.js';
import type { Reading } from '../../../src/domain/reading.js';
import type { ChargingNeeds } from '../../../src/domain/session.js';
import type { DeviceVariable, EvseCapability, StationNotice } from '../../../src/domain/station.js';
import type { TransactionEvent } from '../../../src/domain/transaction-event.js';
import type { BootAnswer, NeedsAnswer, StationEvents } from '../../../src/ports/station-events.js';

/** An engine that remembers what it was told and answers what the test set. */
export class FakeStationEvents implements StationEvents {
  /** Known stations and their passwords. */
  readonly passwords = new Map<string, string>();
  readonly registered = new Set<string>();
  readonly log: string[] = [];
  readonly readings: { evseNumber: number; readings: readonly Reading[] }[] = [];
  readonly telemetries: { evseNumber: number; readings: readonly Reading[] }[] = [];
  readonly transactionEvents: TransactionEvent[] = [];
  readonly needs: ChargingNeeds[] = [];
  readonly models: { rows: readonly DeviceVariable[]; complete: boolean }[] = [];
  readonly nonConformances: string[] = [];
  readonly active = new Map<EvseId, TransactionId>();
  readonly inForce = new Map<EvseId, { profile: DesiredProfile; capability: EvseCapability }>();
  bootAnswer: BootAnswer = { status: 'Accepted', intervalS: 300 };
  needsAnswer: NeedsAnswer = { status: 'Accepted' };
  heardCount = 0;
  /** Thrown by the next durable write. */
  failNext: Error | undefined;
  admitFailure: Error | undefined;
  /** Awaited by admit before it answers. */
  admitGate: (stationId: StationId) => Promise<void> = () => Promise.resolve();
  /** Awaited by transactionEvent before it answers. */
  gate: Promise<void> = Promise.resolve();

  async admit(stationId: StationId, password: string | undefined) {
    if (this.admitFailure) throw this.admitFailure;
    await this.admitGate(stationId);
    const known = this.passwords.get(stationId);
    if (known === undefined) return { admitted: false, reason: 'unknown-station' } as const;
    if (password !== undefined && password !== known) {
      return { admitted: false, reason: 'wrong-password' } as const;
    }
    return { admitted: true } as const;
  }
  async connected(stationId: StationId, protocol: string) {
    this.log.push(`connected ${stationId} ${protocol}`);
    return { registered: this.registered.has(stationId) };
  }
  disconnected(stationId: StationId) {
    this.log.push(`disconnected ${stationId}`);
  }
  nonConformant(_stationId: StationId, what: string) {
    this.nonConformances.push(what);
  }
  async booted(stationId: StationId, identity: { model: string }, reason: string) {
    this.log.push(`booted ${stationId} ${identity.model} ${reason}`);
    return this.bootAnswer;
  }
  heard() {
    this.heardCount += 1;
  }
  async connectorStatus(
    stationId: StationId,
    evseNumber: number,
    connector: number,
    status: string,
    atMs: number,
  ) {
    this.log.push(`connector ${stationId}/${evseNumber}/${connector} ${status} ${atMs}`);
  }
  async deviceModelReported(_stationId: StationId, rows: readonly DeviceVariable[], complete: boolean) {
    this.#failIfAsked();
    this.models.push({ rows, complete });
  }
  async authorize(_stationId: StationId, idToken: string) {
    return { status: idToken === 'blocked' ? ('Blocked' as const) : ('Accepted' as const) };
  }
  async transactionEvent(stationId: StationId, event: TransactionEvent) {
    this.log.push(`begin ${event.kind} ${event.seqNo}`);
    await this.gate;
    this.#failIfAsked();
    this.log.push(`end ${event.kind} ${event.seqNo}`);
    this.transactionEvents.push(event);
    if (event.evseNumber !== undefined) {
      this.active.set(evseIdOf(stationId, event.evseNumber), event.transactionId);
    }
    return event.idToken === undefined ? {} : { idTokenStatus: 'Accepted' as const };
  }
  async meterValues(_stationId: StationId, evseNumber: number, readings: readonly Reading[]) {
    this.readings.push({ evseNumber, readings });
  }
  async chargingNeeds(_stationId: StationId, _evseNumber: number, needs: ChargingNeeds) {
    this.needs.push(needs);
    return this.needsAnswer;
  }
  async evSchedule() {
    return { accepted: true };
  }
  activeTransaction(stationId: StationId, evseNumber: number) {
    return this.active.get(evseIdOf(stationId, evseNumber));
  }

  async externalLimit(stationId: StationId, limit: ExternalLimit) {
    this.log.push(`limit ${stationId} ${JSON.stringify(limit)}`);
  }
  async externalLimitCleared(stationId: StationId, evseNumber: number, source: string) {
    this.log.push(`cleared ${stationId} ${evseNumber} ${source}`);
  }
  async notice(stationId: StationId, notice: StationNotice) {
    this.log.push(`notice ${stationId} ${notice.kind} ${notice.atMs} ${notice.text}`);
  }
  async telemetry(_stationId: StationId, evseNumber: number, readings: readonly Reading[]) {
    this.telemetries.push({ evseNumber, readings });
  }
  async priorityCharging(stationId: StationId, transactionId: TransactionId, isActive: boolean) {
    this.log.push(`priority ${stationId} ${transactionId} ${isActive}`);
  }
  profileInForce(stationId: StationId, evseNumber: number) {
    return this.inForce.get(evseIdOf(stationId, evseNumber));
  }

  #failIfAsked(): void {
    const failure = this.failNext;
    this.failNext = undefined;
    if (failure) throw failure;
  }
}

export const TX = asTransactionId('c8a1f0c2-6c0e-4a7e-9a51-2f0b6f4d1a77');
