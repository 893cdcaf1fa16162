import { asTransactionId } from '../domain/ids.js';
import { CallFailure } from '../ocpp/wire/rpc-error.js';
import type {
  StoppedReason,
  TransactionEventRequest,
  TransactionEventResponse,
  TriggerReason,
} from '../ocpp/wire/transaction-messages.js';
import { chargingNeedsOf } from './charging-needs.js';
import { ChargingTransaction } from './charging-transaction.js';
import type { EvseSurroundings } from './evse-surroundings.js';
import { type PathOrder, PowerPath } from './power-path.js';
import { randomUuid } from './seeded-random.js';
import type { SessionPlan } from './session-plan.js';
import { SessionRecord } from './session-record.js';
import { truePowerKw } from './station-lies.js';

/** The EV waits so long for its profile after needs were Accepted (OCPP 2.1 K15, K17, K18, K19.FR.08). */
export const PROFILE_WAIT_MS = 60_000;
/** A needs message that was refused or timed out is repeated after this time, so many times. */
export const NEEDS_RETRY_MS = 30_000;
const NEEDS_ATTEMPTS = 5;

/**
 * One EVSE with its one connector: plays its sessions one after the other.
 * free → plugged in (Occupied, Authorize, Started, needs) → energy flows, metered, as the profile book
 * orders → plugged out (Ended, Available) → free.
 */
export class SimulatedEvse {
  readonly number: number;
  readonly #around: EvseSurroundings;
  readonly #path: PowerPath;
  #car: { readonly plan: SessionPlan; readonly record: SessionRecord } | undefined;
  #transaction: ChargingTransaction | undefined;
  #nextTickMs = Number.POSITIVE_INFINITY;
  #nextAlignedMs = Number.POSITIVE_INFINITY;
  #cancelWake: () => void = () => {};
  #cancelSession: () => void = () => {};
  #cancelNeedsRetry: () => void = () => {};
  #stopped = false;
  #work: Promise<void> = Promise.resolve();
  #reportedConnector: 'Available' | 'Occupied' | undefined;

  constructor(number: number, around: EvseSurroundings) {
    this.number = number;
    this.#around = around;
    const { maxChargeKw, maxDischargeKw, reactionMs, rampKwPerS } = around.traits;
    this.#path = new PowerPath({
      rating: { maxChargeKw, maxDischargeKw },
      response: { reactionMs, rampKwPerS },
      // Meters come with standings from before; a begin register of 0 would hide a missing subtraction.
      importWh: firstStandingWh(around, 5_000_000),
      exportWh: firstStandingWh(around, 500_000),
      order: (atMs) => this.#orderAt(atMs),
      onSlice: (slice, energyKwh) => this.#car?.record.addSlice(slice, energyKwh),
    });
  }

  get transaction(): ChargingTransaction | undefined {
    return this.#transaction;
  }

  /** Plays the sessions in their order; those that are over already are skipped. */
  play(sessions: readonly SessionPlan[]): void {
    const { clock, time } = this.#around;
    const nowMs = time.nowMs();
    const [next, ...later] = sessions.filter(({ plugOutMs }) => plugOutMs > nowMs);
    if (!next) return;
    this.#cancelSession = clock.after(Math.max(0, next.plugInMs - nowMs), () => {
      void this.#inTurn(() => this.#plugIn(next));
      this.#cancelSession = clock.after(Math.max(0, next.plugOutMs - time.nowMs()), () => {
        void this.#inTurn(() => this.#plugOut());
        this.play(later);
      });
    });
  }

  /** Stops playing; a running transaction says its registers once more. Resolves when nothing is in work. */
  async stop(): Promise<void> {
    this.#cancelSession();
    await this.#inTurn(async () => {
      this.#stopped = true;
      this.#cancelWake();
      this.#cancelNeedsRetry();
      this.#path.advanceTo(this.#around.time.nowMs());
      this.#transaction?.sampled('MeterValueClock', 'Sample.Clock');
      await this.#around.outbox.pump();
    });
  }

  /** Brings the meter up to now; nothing is sent. */
  advance(): void {
    this.#path.advanceTo(this.#around.time.nowMs());
  }

  /** The profile book or the link has changed: ask for a new order now. */
  reorder(): void {
    if (!this.#car) return;
    this.#path.reorder(this.#around.time.nowMs());
    this.#transaction?.changesReported();
    this.#armWake();
  }

  /** A TxProfile was accepted: the EV need not wait for one any more. */
  profileAccepted(): void {
    this.#car?.record.profileAccepted();
    if (this.#transaction) this.#transaction.energyFromMs = 0;
  }

  /** TxUpdatedInterval or the like was written. */
  settingsChanged(): void {
    if (!this.#transaction) return;
    this.#startTicks();
    this.#awaitMark();
    this.#armWake();
  }

  /** The CSMS asks for readings; they follow its answer. False without a transaction. */
  sample(): boolean {
    const transaction = this.#transaction;
    if (!transaction) return false;
    const { clock, time } = this.#around;
    clock.after(0, () => {
      this.#path.advanceTo(time.nowMs());
      if (this.#transaction === transaction) transaction.sampled('Trigger', 'Trigger');
    });
    return true;
  }

  /** The link stands again: tell what the CSMS could not be told. */
  async linkRestored(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#reportConnector();
      if (this.#transaction?.needsPending) await this.#stateNeeds();
    });
  }

  /** The CSMS's answer to one of this EVSE's events. */
  answered(event: TransactionEventRequest, answer: TransactionEventResponse): void {
    const transaction = this.#transaction;
    const status = answer.idTokenInfo?.status ?? 'Accepted';
    if (status === 'Accepted' || transaction?.transactionId !== event.transactionInfo.transactionId) return;
    transaction.deauthorised = true;
    this.reorder();
    void this.#inTurn(async () => this.#endTransaction('Deauthorized', 'DeAuthorized'));
  }

  async #plugIn(plan: SessionPlan): Promise<void> {
    const around = this.#around;
    const { time, traits, stationId, log } = around;
    const nowMs = time.nowMs();
    const place = { stationId, evseNumber: this.number, maxChargeKw: traits.maxChargeKw };
    const record = new SessionRecord(place, plan, nowMs);
    log.recordSession(record);
    this.#car = { plan, record };
    // Only ISO 15118-20 knows how to ask a car for energy.
    const bidirectional = plan.bidirectional && traits.needs === 'iso15118-20';
    this.#path.plugIn(plan.battery, plan.arrivalKwh, bidirectional, nowMs);
    await this.#reportConnector();
    if (!(await this.#isAuthorised(plan.userId))) {
      record.refused();
      return;
    }
    const transactionId = asTransactionId(randomUuid(around.random));
    record.transactionId = transactionId;
    const transactionPlace = { around, evseNumber: this.number, path: this.#path, plan, record };
    this.#transaction = new ChargingTransaction(transactionId, transactionPlace);
    this.#transaction.started();
    this.#startTicks();
    this.#awaitMark();
    this.#armWake();
    await around.outbox.pump();
    await this.#stateNeeds();
  }

  async #plugOut(): Promise<void> {
    const { time, outbox } = this.#around;
    this.#path.unplug(time.nowMs());
    this.#endTransaction('EVDeparted', 'EVDisconnected');
    this.#car?.record.ended(time.nowMs());
    this.#car = undefined;
    await outbox.pump();
    await this.#reportConnector();
  }

  #endTransaction(trigger: TriggerReason, stoppedReason: StoppedReason): void {
    const transaction = this.#transaction;
    if (!transaction) return;
    this.#cancelWake();
    this.#path.advanceTo(this.#around.time.nowMs());
    transaction.ended(trigger, stoppedReason);
    this.#transaction = undefined;
    this.#around.book.transactionEnded(transaction.transactionId);
    this.#path.reorder(this.#around.time.nowMs());
  }

  /** Without a link the driver is served: the token is judged when the events get through. */
  async #isAuthorised(userId: string): Promise<boolean> {
    const { link } = this.#around;
    if (!link.isUp()) return true;
    try {
      const idToken = { idToken: userId, type: 'ISO14443' };
      const { idTokenInfo } = await link.call('Authorize', { idToken });
      return idTokenInfo.status === 'Accepted';
    } catch (error) {
      if (error instanceof CallFailure) return error.kind === 'closed';
      throw error;
    }
  }

  async #stateNeeds(): Promise<void> {
    const { link, time, traits } = this.#around;
    const transaction = this.#transaction;
    const plan = this.#car?.plan;
    if (!transaction || !plan || transaction.deauthorised) return;
    if (traits.needs === 'none') transaction.needsPending = false;
    if (traits.needs === 'none' || !link.isUp()) {
      this.#letEnergyFlow(transaction, time.nowMs());
      return;
    }
    this.#path.advanceTo(time.nowMs());
    const needs = chargingNeedsOf({
      evseNumber: this.number,
      plan,
      traits,
      energyKwh: this.#path.energyKwh,
      timestamp: time.iso(),
      departureTime: time.iso(plan.plugOutMs),
    });
    if (needs === undefined) return;
    transaction.needsPending = false;
    transaction.needsAttempts += 1;
    this.#car?.record.needsSent();
    try {
      const { status } = await link.call('NotifyEVChargingNeeds', needs);
      if (status === 'Rejected') this.#path.chargeOnly(time.nowMs());
      this.#letEnergyFlow(transaction, time.nowMs() + (status === 'Accepted' ? PROFILE_WAIT_MS : 0));
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      this.#needsFailed(transaction, error);
    }
  }

  #needsFailed(transaction: ChargingTransaction, failure: CallFailure): void {
    const { clock, time } = this.#around;
    transaction.needsPending = true;
    this.#letEnergyFlow(transaction, time.nowMs());
    if (failure.kind === 'closed' || transaction.needsAttempts >= NEEDS_ATTEMPTS) return;
    this.#cancelNeedsRetry = clock.after(NEEDS_RETRY_MS, () => {
      if (this.#transaction === transaction) void this.#inTurn(() => this.#stateNeeds());
    });
  }

  /** Starts the flow of energy at an instant, unless it flows already or a profile has come meanwhile. */
  #letEnergyFlow(transaction: ChargingTransaction, fromMs: number): void {
    transaction.energyFromMs = Math.min(transaction.energyFromMs, fromMs);
    this.reorder();
  }

  #orderAt(atMs: number): PathOrder {
    const { book, time, link } = this.#around;
    const transaction = this.#transaction;
    const idle = { askedKw: 0, operationMode: 'ChargingOnly' as const, idle: true };
    if (!transaction || transaction.deauthorised) return { ...idle, untilMs: Number.POSITIVE_INFINITY };
    if (transaction.energyFromMs > atMs) return { ...idle, untilMs: transaction.energyFromMs };
    const offlineSinceMs = link.offlineSinceMs();
    const order = book.order({
      evseId: this.number,
      atMs: time.wireMs(atMs),
      uptimeMs: atMs,
      isFrozen: time.isFrozen,
      transaction,
      ...(offlineSinceMs === undefined ? {} : { offlineSinceMs }),
    });
    const { operationMode, isDynamic } = order;
    const askedKw = truePowerKw(order.askedKw, isDynamic, this.#around.traits.lies);
    return { askedKw, operationMode, idle: false, untilMs: atMs + (order.untilMs - time.wireMs(atMs)) };
  }

  /** Something may have happened by itself, or a sample is due. */
  #wake(): void {
    const nowMs = this.#around.time.nowMs();
    this.#path.advanceTo(nowMs);
    this.#transaction?.changesReported();
    if (nowMs >= this.#nextAlignedMs) {
      this.#transaction?.aligned();
      this.#awaitMark();
    }
    if (nowMs >= this.#nextTickMs) {
      this.#transaction?.sampled('MeterValuePeriodic', 'Sample.Periodic');
      this.#startTicks();
    }
    this.#armWake();
  }

  #startTicks(): void {
    const { model, time } = this.#around;
    const intervalS = model.number('SampledDataCtrlr', 'TxUpdatedInterval');
    this.#nextTickMs = intervalS > 0 ? time.nowMs() + intervalS * 1000 : Number.POSITIVE_INFINITY;
  }

  /** The next whole interval of the station's own wall clock; none comes where that stands still. */
  #awaitMark(): void {
    const { model, time } = this.#around;
    const intervalMs = model.number('AlignedDataCtrlr', 'Interval') * 1000;
    const wireMs = time.wireMs(time.nowMs());
    this.#nextAlignedMs =
      intervalMs > 0 && !time.isFrozen
        ? time.nowMs() + intervalMs - (wireMs % intervalMs)
        : Number.POSITIVE_INFINITY;
  }

  #armWake(): void {
    this.#cancelWake();
    if (!this.#transaction || this.#stopped) return;
    const atMs = Math.min(this.#nextTickMs, this.#nextAlignedMs, this.#path.nextChangeMs);
    if (atMs === Number.POSITIVE_INFINITY) return;
    const { clock, time } = this.#around;
    this.#cancelWake = clock.after(Math.max(0, atMs - time.nowMs()), () => this.#wake());
  }

  /** Tells the connector's status if the CSMS does not know it. */
  async #reportConnector(): Promise<void> {
    const status = this.#car ? 'Occupied' : 'Available';
    if (status === this.#reportedConnector || !this.#around.link.isUp()) return;
    try {
      await this.#around.tellConnectorStatus(this.number, status);
      this.#reportedConnector = status;
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
    }
  }

  /** One piece of work after the other, with the clock held from now until it is done. */
  #inTurn(task: () => Promise<void>): Promise<void> {
    const release = this.#around.clock.hold();
    const done = this.#work.then(task).finally(release);
    this.#work = done.catch(() => {});
    return done;
  }
}

/** A used meter's standing; one of a limited register stands a few kWh below its end. */
function firstStandingWh({ random, traits }: EvseSurroundings, mostWh: number): number {
  const capacityWh = traits.registerCapacityWh;
  if (Number.isFinite(capacityWh)) return capacityWh - 1_000 - Math.floor(random() * 9_000);
  return Math.floor(mostWh / 50) + Math.floor(random() * mostWh);
}
