import { WebSocket } from 'ws';

/** What one light station has to say of the profiles and answers that it got. */
export interface LightStationListener {
  registered(): void;
  /** A TxProfile was answered. */
  profileTaken(evse: string, atMs: number): void;
  answered(action: string, tookMs: number, failed: boolean): void;
}

interface Waiting {
  readonly action: string;
  readonly sentMs: number;
  readonly resolve: (payload: Record<string, unknown>) => void;
  readonly reject: (error: Error) => void;
}

/** Discharge is offered with CentralSetpoint; absolute profiles, no dynamic ones. */
const MODEL: readonly [string, string, string, boolean][] = [
  ['V2XChargingCtrlr', 'Enabled', 'true', true],
  ['V2XChargingCtrlr', 'SupportedOperationModes', 'ChargingOnly,CentralSetpoint,Idle', true],
  ['V2XChargingCtrlr', 'SupportedEnergyTransferModes', 'AC_three_phase,AC_BPT', true],
  ['SmartChargingCtrlr', 'Enabled', 'true', false],
  ['SmartChargingCtrlr', 'ProfileStackLevel', '5', false],
  ['SmartChargingCtrlr', 'PeriodsPerSchedule', '96', false],
  ['SmartChargingCtrlr', 'RateUnit', 'W', false],
];

/**
 * A charging station that is cheap enough to run ten thousand of in the processes beside the server under
 * load: raw OCPP 2.1 frames, one EVSE, no checks, no physics. It takes every profile at once.
 */
export class LightStation {
  readonly stationId: string;
  readonly #listener: LightStationListener;
  readonly #waiting = new Map<string, Waiting>();
  #socket: WebSocket | undefined;
  #nextId = 0;
  #seqNo = 0;
  #importWh = 100_000;
  #line: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> = Promise.resolve();

  constructor(stationId: string, listener: LightStationListener) {
    this.stationId = stationId;
    this.#listener = listener;
  }

  /** Import register of the meter, Wh. */
  get importWh(): number {
    return this.#importWh;
  }

  /** Resolves when the present connection is closed. */
  whenClosed(): Promise<void> {
    return this.#closed;
  }

  /** Connects and boots; resolves when the boot was accepted. */
  async start(url: string): Promise<void> {
    const socket = new WebSocket(`${url}/ocpp/${this.stationId}`, ['ocpp2.1'], { perMessageDeflate: false });
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.on('error', () => undefined);
    this.#closed = new Promise((resolve) => socket.once('close', () => this.#lost(resolve)));
    socket.on('message', (data) => this.#receive(String(data)));
    await this.call('BootNotification', {
      reason: 'PowerUp',
      chargingStation: { model: 'Light', vendorName: 'Ebbflow' },
    });
    this.#listener.registered();
  }

  stop(): void {
    this.#socket?.terminate();
  }

  get transactionId(): string {
    return `tx-${this.stationId}`;
  }

  /** A car plugs in and says what it needs by `departureMs`. */
  async plugIn(departureMs: number): Promise<void> {
    await this.#event('Started', 'CablePluggedIn');
    await this.call('NotifyEVChargingNeeds', {
      evseId: 1,
      timestamp: new Date().toISOString(),
      chargingNeeds: {
        requestedEnergyTransfer: 'AC_BPT',
        availableEnergyTransfer: ['AC_three_phase', 'AC_BPT'],
        controlMode: 'DynamicControl',
        departureTime: new Date(departureMs).toISOString(),
        v2xChargingParameters: {
          minChargePower: 0,
          maxChargePower: 11_000,
          minDischargePower: 0,
          maxDischargePower: 11_000,
          evTargetEnergyRequest: 15_000,
          evMinEnergyRequest: -25_000,
          evMaxEnergyRequest: 30_000,
          evMinV2XEnergyRequest: -15_000,
          evMaxV2XEnergyRequest: 30_000,
        },
      },
    });
  }

  /** One periodic meter message; resolves when it was acknowledged. */
  async meter(): Promise<void> {
    this.#importWh += 10;
    await this.#event('Updated', 'MeterValuePeriodic');
  }

  #event(eventType: 'Started' | 'Updated', triggerReason: string): Promise<unknown> {
    const seqNo = this.#seqNo;
    this.#seqNo += 1;
    const timestamp = new Date().toISOString();
    const value = (measurand: string, number: number, unit: string) => ({
      value: number,
      measurand,
      context: eventType === 'Started' ? 'Transaction.Begin' : 'Sample.Periodic',
      unitOfMeasure: { unit },
    });
    return this.call('TransactionEvent', {
      eventType,
      triggerReason,
      seqNo,
      timestamp,
      transactionInfo: { transactionId: this.transactionId, chargingState: 'Charging' },
      ...(eventType === 'Started' ? { evse: { id: 1, connectorId: 1 } } : {}),
      meterValue: [
        {
          timestamp,
          sampledValue: [
            value('Energy.Active.Import.Register', this.#importWh, 'Wh'),
            value('Energy.Active.Export.Register', 0, 'Wh'),
            value('Power.Active.Import', 3_000, 'W'),
          ],
        },
      ],
    });
  }

  /** One call at a time, as OCPP asks. */
  call(action: string, payload: object): Promise<Record<string, unknown>> {
    const run = this.#line.then(() => this.#send(action, payload));
    this.#line = run.catch(() => undefined);
    return run;
  }

  /** Calls without an answer fail with their connection. */
  #lost(resolve: () => void): void {
    for (const { reject, action } of this.#waiting.values())
      reject(new Error(`${action}: connection closed`));
    this.#waiting.clear();
    resolve();
  }

  #send(action: string, payload: object): Promise<Record<string, unknown>> {
    this.#nextId += 1;
    const id = String(this.#nextId);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { action, sentMs: performance.now(), resolve, reject });
      this.#socket?.send(JSON.stringify([2, id, action, payload]));
    });
  }

  #receive(text: string): void {
    const frame = JSON.parse(text) as [number, string, unknown, Record<string, unknown>];
    if (frame[0] === 2) {
      this.#socket?.send(JSON.stringify([3, frame[1], this.#answer(String(frame[2]), frame[3])]));
      return;
    }
    const waiting = this.#waiting.get(frame[1]);
    if (waiting === undefined) return;
    this.#waiting.delete(frame[1]);
    const failed = frame[0] !== 3;
    this.#listener.answered(waiting.action, performance.now() - waiting.sentMs, failed);
    if (failed) waiting.reject(new Error(`${waiting.action}: ${text}`));
    else waiting.resolve(frame[2] as Record<string, unknown>);
  }

  #answer(action: string, payload: Record<string, unknown>): object {
    switch (action) {
      case 'SetVariables': {
        const rows = payload.setVariableData as { component: object; variable: object }[];
        return {
          setVariableResult: rows.map(({ component, variable }) => ({
            attributeStatus: 'Accepted',
            component,
            variable,
          })),
        };
      }
      case 'GetBaseReport':
        setImmediate(() => void this.#report(Number(payload.requestId)));
        return { status: 'Accepted' };
      case 'SetChargingProfile': {
        const { chargingProfilePurpose } = payload.chargingProfile as { chargingProfilePurpose: string };
        if (chargingProfilePurpose === 'TxProfile') {
          this.#listener.profileTaken(this.stationId, Date.now());
        }
        return { status: 'Accepted' };
      }
      case 'GetChargingProfiles':
        return { status: 'NoProfiles' };
      default:
        return { status: 'Accepted' };
    }
  }

  #report(requestId: number): Promise<unknown> {
    return this.call('NotifyReport', {
      requestId,
      generatedAt: new Date().toISOString(),
      seqNo: 0,
      tbc: false,
      reportData: MODEL.map(([name, variable, value, ofEvse]) => ({
        component: ofEvse ? { name, evse: { id: 1 } } : { name },
        variable: { name: variable },
        variableAttribute: [{ type: 'Actual', value }],
        variableCharacteristics: { dataType: 'string', supportsMonitoring: false },
      })),
    });
  }
}
