import type { StationId } from '../domain/ids.js';
import { evseIdOf } from '../domain/ids.js';
import { answering } from '../ocpp/wire/answering.js';
import type { NotifyReportRequest } from '../ocpp/wire/device-messages.js';
import type { Fault } from '../ocpp/wire/fault.js';
import type { Action, CallHandlers, RequestOf, ResponseOf } from '../ocpp/wire/messages.js';
import { CallFailure } from '../ocpp/wire/rpc-error.js';
import type { MessageSchemas } from '../ocpp/wire/schemas.js';
import type { SetChargingProfileRequest } from '../ocpp/wire/smart-charging-messages.js';
import type { TransactionEventRequest } from '../ocpp/wire/transaction-messages.js';
import type { Clock } from '../ports/clock.js';
import { CsmsLink } from './csms-link.js';
import { createDeviceModel, type DeviceModel } from './device-model.js';
import { DynamicPulls } from './dynamic-pulls.js';
import type { FleetStats } from './fleet-stats.js';
import { createProfileBook, type ProfileBook } from './profile-book.js';
import type { ProfileVerdict } from './profile-rules.js';
import { Registration } from './registration.js';
import type { Random } from './seeded-random.js';
import { DEFAULT_TRAITS, type StationPlan, type StationTraits } from './session-plan.js';
import { SimulatedEvse } from './simulated-evse.js';
import type { SimulationLog } from './simulation-log.js';
import { type AnsweringStation, scheduleEcho, stationAnswers, takeUpdate } from './station-answers.js';
import { StationTime } from './station-time.js';
import { MAX_STACK_LEVEL, operationModesOf, stationVariables } from './station-variables.js';
import { TransactionOutbox } from './transaction-outbox.js';

export interface StationEnvironment {
  readonly endpoint: string;
  readonly clock: Clock;
  readonly schemas: MessageSchemas;
  readonly random: Random;
  readonly log: SimulationLog;
  readonly stats: FleetStats;
  /** The CSMS has answered an event. */
  readonly onAcknowledged?: (stationId: StationId, event: TransactionEventRequest) => void;
}

/** One charging station: link, registration, device model, profile book, outbox and EVSEs, put together. */
export class SimulatedStation {
  readonly stationId: StationId;
  readonly #plan: StationPlan;
  readonly #env: StationEnvironment;
  readonly #traits: StationTraits;
  readonly #time: StationTime;
  readonly #model: DeviceModel;
  readonly #book: ProfileBook;
  readonly #outbox: TransactionOutbox;
  readonly #link: CsmsLink;
  readonly #evses: readonly SimulatedEvse[];
  readonly #registration: Registration;
  readonly #pulls: DynamicPulls;
  readonly #answering: AnsweringStation;
  #offlineSinceMs: number | undefined;
  #eventSeqNo = 0;
  #background = 0;

  constructor(plan: StationPlan, env: StationEnvironment) {
    this.stationId = plan.stationId;
    this.#plan = plan;
    this.#env = env;
    this.#traits = { ...DEFAULT_TRAITS, ...plan.traits };
    this.#time = new StationTime(env.clock, this.#traits.clockErrorMs);
    this.#offlineSinceMs = this.#time.nowMs();
    this.#model = createDeviceModel(stationVariables(this.#traits, plan.evses.length));
    this.#book = createProfileBook({
      evseCount: plan.evses.length,
      maxStackLevel: MAX_STACK_LEVEL,
      periodsPerSchedule: this.#traits.periodsPerSchedule,
      operationModes: operationModesOf(this.#traits),
      negativeLimits: this.#traits.negativeLimits,
      dynamicProfiles: this.#traits.dynamicProfiles,
      recurringProfiles: this.#traits.recurringProfiles,
      rateUnit: this.#traits.rateUnit,
      phases: this.#traits.current === 'dc' ? 0 : this.#traits.phases,
    });
    this.#pulls = new DynamicPulls(env.clock, (profileId) => this.#inBackground(() => this.#pull(profileId)));
    this.#answering = this.#createAnswering();
    this.#outbox = this.#createOutbox();
    this.#link = this.#createLink();
    this.#registration = this.#createRegistration();
    this.#evses = plan.evses.map((_, index) => this.#createEvse(index + 1));
  }

  /** Connects, boots and begins to play its sessions. Resolves when the first attempt to connect is through. */
  async start(): Promise<void> {
    await this.#link.connect();
    for (const [index, { sessions }] of this.#plan.evses.entries()) this.#evses[index]?.play(sessions);
  }

  /** Running transactions say their registers; then the link is closed in good order. */
  async stop(): Promise<void> {
    await Promise.all(this.#evses.map((evse) => evse.stop()));
    this.#pulls.stop();
    this.#outbox.close();
    this.#registration.linkDown();
    await this.#link.stop();
  }

  get isOnline(): boolean {
    return this.#link.isUp && this.#registration.isAccepted;
  }

  get isBusy(): boolean {
    return this.#link.isBusy || this.#outbox.isPumping || this.#background > 0;
  }

  /** Brings the meters up to now; nothing is sent. */
  advance(): void {
    for (const evse of this.#evses) evse.advance();
  }

  get waitingEvents(): number {
    return this.#outbox.size;
  }

  /** The station's wall clock stands still from now on. */
  freezeClock(): void {
    this.advance();
    this.#time.freeze();
    this.#reorder();
  }

  /** Cuts the network; the station comes back by its back-off. */
  cutLink(): void {
    this.#link.cut();
  }

  #createEvse(number: number): SimulatedEvse {
    const { clock, random, log } = this.#env;
    return new SimulatedEvse(number, {
      stationId: this.stationId,
      traits: this.#traits,
      clock,
      time: this.#time,
      random,
      model: this.#model,
      book: this.#book,
      outbox: this.#outbox,
      log,
      link: {
        isUp: () => this.isOnline,
        offlineSinceMs: () => this.#offlineSinceMs,
        call: (action, payload) => this.#call(action, payload),
      },
      tellConnectorStatus: (evse, status) => this.#tellConnectorStatus(evse, status),
    });
  }

  #createOutbox(): TransactionOutbox {
    return new TransactionOutbox({
      clock: this.#env.clock,
      canSend: () => this.isOnline,
      send: (event) => this.#call('TransactionEvent', event),
      attempts: () => this.#model.number('OCPPCommCtrlr', 'MessageAttempts', 'TransactionEvent'),
      attemptIntervalS: () =>
        this.#model.number('OCPPCommCtrlr', 'MessageAttemptInterval', 'TransactionEvent'),
      quirks: this.#traits.outbox,
      random: this.#env.random,
      onAnswer: (event, answer) => {
        this.#env.onAcknowledged?.(this.stationId, event);
        for (const evse of this.#evses) evse.answered(event, answer);
      },
      onLost: (event, why) => this.#env.stats.eventLost(this.stationId, event, why),
    });
  }

  #createLink(): CsmsLink {
    const { endpoint, clock, schemas, random, stats } = this.#env;
    const { password } = this.#plan;
    return new CsmsLink({
      endpoint,
      stationId: this.stationId,
      ...(password === undefined ? {} : { password }),
      clock,
      schemas,
      random,
      spelling: this.#traits.spelling,
      backOff: () => ({
        waitMinimumS: this.#model.number('OCPPCommCtrlr', 'RetryBackOffWaitMinimum'),
        randomRangeS: this.#model.number('OCPPCommCtrlr', 'RetryBackOffRandomRange'),
        repeatTimes: this.#model.number('OCPPCommCtrlr', 'RetryBackOffRepeatTimes'),
      }),
      onCall: answering(this.#answers()),
      onFault: (fault: Fault) => stats.faulted(this.stationId, fault),
      onUp: () => this.#linkUp(),
      onDown: () => this.#linkDown(),
      onFailedAttempt: (why) => stats.connectFailed(this.stationId, why),
    });
  }

  #answers(): CallHandlers {
    const { UpdateDynamicSchedule, ...others } = stationAnswers(this.#answering);
    return this.#traits.takesUpdates && UpdateDynamicSchedule ? { ...others, UpdateDynamicSchedule } : others;
  }

  #createRegistration(): Registration {
    const { clock, stats } = this.#env;
    return new Registration({
      clock,
      time: this.#time,
      model: this.#model,
      station: {
        vendorName: 'Ebbflow',
        model: this.#traits.maxDischargeKw > 0 ? 'Simulated-BPT' : 'Simulated',
        serialNumber: this.stationId.slice(-25),
        firmwareVersion: '1.0.0',
      },
      boot: async (request) => {
        stats.boots += 1;
        return await this.#call('BootNotification', request);
      },
      heartbeat: () => this.#call('Heartbeat', {}),
      inBackground: (task) => this.#inBackground(task),
      onAccepted: () => this.#resume(),
    });
  }

  #createAnswering(): AnsweringStation {
    return {
      model: this.#model,
      book: this.#book,
      time: this.#time,
      hidesDischarge: this.#traits.lies.hidesDischarge,
      dropsUpdates: this.#traits.lies.ignores === 'updates',
      rateUnit: this.#traits.rateUnit,
      phases: this.#traits.phases,
      transactionOf: (evse) => this.#evses[evse - 1]?.transaction,
      reorder: () => this.#reorder(),
      settingsChanged: () => {
        for (const evse of this.#evses) evse.settingsChanged();
      },
      sample: (evseNumber) => {
        const asked = this.#evses.filter(({ number }) => evseNumber === undefined || number === evseNumber);
        return asked.filter((evse) => evse.sample()).length > 0;
      },
      hasEventsOf: (transactionId) => this.#outbox.holds(transactionId),
      isRunning: (id) => this.#evses.some(({ transaction }) => transaction?.transactionId === id),
      profileJudged: (request, verdict) => this.#profileJudged(request, verdict),
      sendReport: (pages) => this.#afterAnswer(() => this.#sendReport(pages)),
      sendProfiles: (reports) =>
        this.#afterAnswer(async () => {
          for (const report of reports) await this.#call('ReportChargingProfiles', report);
        }),
      dynamicUpdated: (profile) => this.#pulls.updated(profile),
    };
  }

  async #pull(chargingProfileId: number): Promise<void> {
    const isThere = this.#book.profiles().some(({ profile }) => profile.id === chargingProfileId);
    if (!isThere || !this.isOnline) return;
    const { status, scheduleUpdate } = await this.#call('PullDynamicScheduleUpdate', { chargingProfileId });
    if (status === 'Accepted' && scheduleUpdate)
      takeUpdate(this.#answering, chargingProfileId, scheduleUpdate);
  }

  async #linkUp(): Promise<void> {
    const { clock, stats } = this.#env;
    stats.connected += 1;
    if (this.#offlineSinceMs !== undefined) {
      const [sinceMs, nowMs] = [this.#offlineSinceMs, clock.nowMs()];
      this.#book.linkRestored(sinceMs, nowMs);
    }
    this.#offlineSinceMs = undefined;
    this.#reorder();
    if (this.#registration.isAccepted) await this.#resume();
    await this.#registration.linkUp();
  }

  #linkDown(): void {
    this.#offlineSinceMs = this.#time.nowMs();
    this.#registration.linkDown();
    this.#reorder();
  }

  /** Linked and accepted: events first, so that the CSMS knows the transaction whose needs follow. */
  async #resume(): Promise<void> {
    await this.#outbox.linkRestored();
    for (const evse of this.#evses) await evse.linkRestored();
  }

  async #call<A extends Action>(action: A, payload: RequestOf<A>): Promise<ResponseOf<A>> {
    this.#registration.sent();
    this.#env.stats.calls += 1;
    try {
      return await this.#link.call(action, payload);
    } catch (error) {
      if (error instanceof CallFailure) this.#callFailed(error);
      throw error;
    }
  }

  #callFailed(failure: CallFailure): void {
    this.#env.stats.callFailed(this.stationId, failure);
    if (failure.rpcCode === 'SecurityError') this.#registration.forgotten();
  }

  #tellConnectorStatus(evse: number, connectorStatus: 'Available' | 'Occupied'): Promise<unknown> {
    const timestamp = this.#time.iso();
    if (this.#traits.connectorReports === 'StatusNotification') {
      return this.#call('StatusNotification', { timestamp, connectorStatus, evseId: evse, connectorId: 1 });
    }
    const seqNo = this.#eventSeqNo;
    this.#eventSeqNo += 1;
    return this.#call('NotifyEvent', {
      generatedAt: timestamp,
      seqNo: 0,
      eventData: [
        {
          eventId: seqNo,
          timestamp,
          trigger: 'Delta',
          actualValue: connectorStatus,
          eventNotificationType: 'HardWiredNotification',
          component: { name: 'Connector', evse: { id: evse, connectorId: 1 } },
          variable: { name: 'AvailabilityState' },
        },
      ],
    });
  }

  #reorder(): void {
    for (const evse of this.#evses) evse.reorder();
  }

  #profileJudged(request: SetChargingProfileRequest, verdict: ProfileVerdict): void {
    const { evseId, chargingProfile } = request;
    const { log, stats } = this.#env;
    const atMs = this.#time.nowMs();
    log.recordTold({ atMs, evseId: evseIdOf(this.stationId, evseId), profile: chargingProfile, verdict });
    if (!verdict.accepted) {
      stats.profilesRejected += 1;
      return;
    }
    stats.profilesAccepted += 1;
    if (chargingProfile.chargingProfilePurpose !== 'TxProfile') return;
    this.#evses[evseId - 1]?.profileAccepted();
    const echo = this.#traits.echoesSchedule ? scheduleEcho(request, this.#time.iso()) : undefined;
    if (echo) this.#afterAnswer(() => this.#call('NotifyEVChargingSchedule', echo));
  }

  async #sendReport(pages: readonly NotifyReportRequest[]): Promise<void> {
    for (const page of pages) await this.#link.call('NotifyReport', page);
  }

  /** Once the answer to the call in work is out. */
  #afterAnswer(task: () => Promise<unknown>): void {
    this.#inBackground(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      await task();
    });
  }

  /** Work that nobody waits for, with the clock held; a call that fails is counted and that is all. */
  #inBackground(task: () => Promise<unknown>): void {
    const release = this.#env.clock.hold();
    this.#background += 1;
    const run = async () => {
      try {
        await task();
      } catch (error) {
        if (!(error instanceof CallFailure)) throw error;
      } finally {
        this.#background -= 1;
        release();
      }
    };
    void run();
  }
}
