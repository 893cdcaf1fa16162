import type { ChargingProfile, ChargingSchedulePeriod } from '../../src/ocpp/wire/smart-charging-messages.js';
import { createSimulatedFleet, type SimulatedFleet } from '../../src/simulator/fleet.js';
import type { StationPlan } from '../../src/simulator/session-plan.js';
import { FakeClock } from '../support/fake-clock.js';
import { SmallCsms } from './small-csms.js';
import { EVENING, MINUTE } from './test-sessions.js';

/** When the cars of {@link sessionPlan} plug in. */
export const PLUG_IN = EVENING + MINUTE;

export const iso = (ms: number) => new Date(ms).toISOString();

export const setpoint = (startPeriod: number, watts: number): ChargingSchedulePeriod => ({
  startPeriod,
  operationMode: 'CentralSetpoint',
  setpoint: watts,
});

/** Simulated stations against a small CSMS on a free port, both on one clock that stands at EVENING. */
export class StationBench {
  readonly clock = new FakeClock(EVENING);
  readonly csms = new SmallCsms(this.clock);
  fleet: SimulatedFleet = createSimulatedFleet({
    url: 'ws://none',
    stations: [],
    clock: this.clock,
    seed: 7,
  });

  static async open(): Promise<StationBench> {
    const bench = new StationBench();
    await bench.csms.listen();
    return bench;
  }

  async close(): Promise<void> {
    await this.fleet.stop();
    await this.csms.die();
  }

  async run(...stations: StationPlan[]): Promise<void> {
    const { clock, csms } = this;
    this.fleet = createSimulatedFleet({ url: csms.url, stations, clock, seed: 7 });
    await this.fleet.start();
  }

  /** The CSMS falls over, and the stations have noticed. */
  async linkLost(): Promise<void> {
    await this.csms.die();
    while (this.fleet.online() > 0) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Sends a TxProfile for the running transaction as soon as needs come, `periods` counted from then. */
  answerNeedsWith(periods: ChargingSchedulePeriod[], more: Partial<ChargingProfile> = {}): void {
    this.csms.handlers = {
      NotifyEVChargingNeeds: async ({ evseId }) => {
        const release = this.clock.hold();
        setImmediate(async () => {
          await this.setTxProfile(periods, more, evseId);
          release();
        });
        return { status: 'Accepted' };
      },
    };
  }

  /** Sets a profile for the first transaction that was heard of. */
  setTxProfile(periods: ChargingSchedulePeriod[], more: Partial<ChargingProfile> = {}, evseId = 1) {
    const { transactionId } = this.csms.events()[0]!.transactionInfo;
    return this.csms.call('HX-1', 'SetChargingProfile', {
      evseId,
      chargingProfile: {
        id: 1,
        stackLevel: 1,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Absolute',
        transactionId,
        chargingSchedule: [
          {
            id: 1,
            startSchedule: iso(this.clock.nowMs()),
            chargingRateUnit: 'W',
            chargingSchedulePeriod: periods,
          },
        ],
        ...more,
      },
    });
  }
}
