import type { TransactionId } from '../domain/ids.js';
import type {
  MeterValue,
  OperationMode,
  ReadingContext,
  StoppedReason,
  TransactionEventRequest,
  TriggerReason,
} from '../ocpp/wire/transaction-messages.js';
import type { EvseSurroundings } from './evse-surroundings.js';
import { type MeterSnapshot, meterValueOf } from './meter-values.js';
import type { PathState, PowerPath } from './power-path.js';
import type { ProfileTransaction } from './profile-rules.js';
import type { SessionPlan } from './session-plan.js';
import type { SessionRecord } from './session-record.js';

type EventType = TransactionEventRequest['eventType'];

export interface TransactionPlace {
  readonly around: EvseSurroundings;
  readonly evseNumber: number;
  readonly path: PowerPath;
  readonly plan: SessionPlan;
  readonly record: SessionRecord;
}

/** A transaction of one EVSE: what the EVSE must remember of it, and the events that tell it. */
export class ChargingTransaction implements ProfileTransaction {
  readonly transactionId: TransactionId;
  /** Wire time. */
  readonly startedAtMs: number;
  /** The EV will state its needs and has not been able to: no TxProfile yet. */
  needsPending = true;
  needsAttempts = 0;
  /** Energy may flow from here on: Started is out and the EV does not wait for a first profile. */
  energyFromMs = Number.POSITIVE_INFINITY;
  /** The CSMS withdrew the driver's token. */
  deauthorised = false;
  readonly #place: TransactionPlace;
  #seqNo = 0;
  #beginReading: MeterValue | undefined;
  #reportedState: PathState = 'EVConnected';
  #reportedMode: OperationMode = 'ChargingOnly';

  constructor(transactionId: TransactionId, place: TransactionPlace) {
    this.transactionId = transactionId;
    this.#place = place;
    const { time } = place.around;
    this.startedAtMs = time.wireMs(time.nowMs());
  }

  started(): void {
    const { evseNumber, plan } = this.#place;
    this.#beginReading = this.#reading('Started', 'Transaction.Begin');
    this.#emit('Started', 'Authorized', this.#beginReading ? [this.#beginReading] : [], {
      evse: { id: evseNumber, connectorId: 1 },
      idToken: { idToken: plan.userId, type: 'ISO14443' },
    });
  }

  sampled(triggerReason: TriggerReason, context: ReadingContext): void {
    const reading = this.#reading('Updated', context);
    this.#emit('Updated', triggerReason, reading ? [reading] : []);
  }

  /** Readings at a mark of the wall clock (OCPP 2.1 J02, AlignedDataCtrlr). */
  aligned(): void {
    const measurands = this.#place.around.model.list('AlignedDataCtrlr', 'Measurands');
    const reading = this.#readingOf(measurands, 'Sample.Clock');
    this.#emit('Updated', 'MeterValueClock', reading ? [reading] : []);
  }

  /** Tells a change of charging state or operation mode that has not been told yet. */
  changesReported(): void {
    const { path } = this.#place;
    const stateChanged = path.state !== this.#reportedState;
    if (!stateChanged && path.order.operationMode === this.#reportedMode) return;
    this.#emit('Updated', stateChanged ? 'ChargingStateChanged' : 'OperationModeChanged', []);
  }

  /** The begin readings are repeated beside those of the end (OCPP 2.1 E06, Transaction.Begin and .End). */
  ended(triggerReason: TriggerReason, stoppedReason: StoppedReason): void {
    const readings = [this.#beginReading, this.#reading('Ended', 'Transaction.End')];
    const given = readings.filter((reading) => reading !== undefined);
    this.#emit('Ended', triggerReason, given, { stoppedReason });
  }

  #emit(
    eventType: EventType,
    triggerReason: TriggerReason,
    meterValue: MeterValue[],
    { stoppedReason, ...more }: Partial<TransactionEventRequest> & { stoppedReason?: StoppedReason } = {},
  ): void {
    const { around, path } = this.#place;
    this.#reportedState = path.state;
    this.#reportedMode = path.order.operationMode;
    const seqNo = this.#seqNo;
    this.#seqNo += 1;
    around.outbox.add({
      eventType,
      timestamp: around.time.iso(),
      triggerReason,
      seqNo,
      ...(around.link.isUp() ? {} : { offline: true }),
      transactionInfo: {
        transactionId: this.transactionId,
        chargingState: this.#reportedState,
        operationMode: this.#reportedMode,
        ...(stoppedReason ? { stoppedReason, timeSpentCharging: path.timeSpentChargingS } : {}),
      },
      ...more,
      ...(meterValue.length > 0 ? { meterValue } : {}),
    });
  }

  #reading(eventType: EventType, context: ReadingContext): MeterValue | undefined {
    const { model } = this.#place.around;
    return this.#readingOf(model.list('SampledDataCtrlr', `Tx${eventType}Measurands`), context);
  }

  #readingOf(measurands: readonly string[], context: ReadingContext): MeterValue | undefined {
    const { around, path, record } = this.#place;
    if (measurands.some((measurand) => measurand.endsWith('.Register'))) record.emitted(path.registersWh);
    return meterValueOf(this.#snapshot(), measurands, context, around.traits.powerStyle);
  }

  #snapshot(): MeterSnapshot {
    const { around, path, plan } = this.#place;
    const { powerKw, energyKwh, order, goalKw, registersWh } = path;
    const { capacityKwh, floorKwh } = plan.battery;
    return {
      timestamp: around.time.iso(),
      ...shownStandings(registersWh, around.traits.registerCapacityWh),
      powerKw,
      ...(order.operationMode === 'CentralSetpoint' ? { setpointKw: goalKw } : {}),
      socFraction: energyKwh / capacityKwh,
      targetRequestKwh: plan.targetKwh - energyKwh,
      minRequestKwh: -energyKwh,
      maxRequestKwh: capacityKwh - energyKwh,
      minV2xRequestKwh: floorKwh - energyKwh,
      maxV2xRequestKwh: capacityKwh - energyKwh,
    };
  }
}

interface Standings {
  readonly importWh: number;
  readonly exportWh: number;
}

/** Registers begin again at 0 when they have come to their capacity. */
function shownStandings({ importWh, exportWh }: Standings, capacityWh: number): Standings {
  if (!Number.isFinite(capacityWh)) return { importWh, exportWh };
  return { importWh: importWh % capacityWh, exportWh: exportWh % capacityWh };
}
