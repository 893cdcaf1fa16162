import type { BootNotificationRequest, BootNotificationResponse } from '../ocpp/wire/device-messages.js';
import { CallFailure } from '../ocpp/wire/rpc-error.js';
import type { Clock } from '../ports/clock.js';
import type { DeviceModel } from './device-model.js';
import type { StationTime } from './station-time.js';

export interface RegistrationOptions {
  readonly clock: Clock;
  readonly time: StationTime;
  readonly model: DeviceModel;
  readonly station: BootNotificationRequest['chargingStation'];
  readonly boot: (request: BootNotificationRequest) => Promise<BootNotificationResponse>;
  readonly heartbeat: () => Promise<{ readonly currentTime: string }>;
  /** Work that nobody waits for, with the clock held. */
  readonly inBackground: (task: () => Promise<unknown>) => void;
  /** Accepted, by a boot: CALLs may go. */
  readonly onAccepted: () => Promise<void>;
}

/**
 * Whether the CSMS knows the station (OCPP 2.1 B01 to B03), and the Heartbeats that keep it so.
 * new → BootNotification, again after its interval while Pending or Rejected → accepted; a broken link does
 * not undo it, a SecurityError does.
 */
export class Registration {
  readonly #options: RegistrationOptions;
  #accepted = false;
  #lastSentMs = 0;
  #cancelBoot: () => void = () => {};
  #cancelHeartbeat: () => void = () => {};

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  get isAccepted(): boolean {
    return this.#accepted;
  }

  /** A new link. Resolves when the answer to a first boot is dealt with, accepted or not. */
  async linkUp(): Promise<void> {
    if (!this.#accepted) await this.#boot();
    if (this.#accepted) this.#armHeartbeat();
  }

  linkDown(): void {
    this.#cancelBoot();
    this.#cancelHeartbeat();
  }

  /** A CALL went out: silence begins anew. */
  sent(): void {
    this.#lastSentMs = this.#options.clock.nowMs();
  }

  /** The CSMS has forgotten the station: it says SecurityError to everything but a boot. */
  forgotten(): void {
    if (!this.#accepted) return;
    this.#accepted = false;
    this.#options.inBackground(() => this.linkUp());
  }

  async #boot(): Promise<void> {
    const { time, station, boot, onAccepted } = this.#options;
    try {
      const answer = await boot({ reason: 'PowerUp', chargingStation: station });
      time.setFrom(answer.currentTime);
      if (answer.status !== 'Accepted') {
        this.#bootLater(answer.interval);
        return;
      }
      this.#accepted = true;
      this.#setHeartbeatInterval(answer.interval);
      await onAccepted();
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      if (error.kind !== 'closed') this.#bootLater(0);
    }
  }

  #bootLater(intervalS: number): void {
    const { clock, model, inBackground } = this.#options;
    const waitS = intervalS > 0 ? intervalS : model.number('OCPPCommCtrlr', 'RetryBackOffWaitMinimum');
    this.#cancelBoot = clock.after(waitS * 1000, () => inBackground(() => this.linkUp()));
  }

  #setHeartbeatInterval(intervalS: number): void {
    if (intervalS <= 0) return;
    const [component, variable] = [{ name: 'OCPPCommCtrlr' }, { name: 'HeartbeatInterval' }];
    this.#options.model.set([{ component, variable, attributeValue: String(intervalS) }]);
  }

  /** After HeartbeatInterval of silence a Heartbeat; its answer also sets the clock. */
  #armHeartbeat(): void {
    this.#cancelHeartbeat();
    const { clock, model, inBackground } = this.#options;
    const intervalMs = model.number('OCPPCommCtrlr', 'HeartbeatInterval') * 1000;
    const dueMs = Math.max(this.#lastSentMs + intervalMs, clock.nowMs() + 1);
    this.#cancelHeartbeat = clock.after(dueMs - clock.nowMs(), () => {
      if (clock.nowMs() < this.#lastSentMs + intervalMs) this.#armHeartbeat();
      else inBackground(() => this.#heartbeat());
    });
  }

  async #heartbeat(): Promise<void> {
    const { heartbeat, time } = this.#options;
    try {
      time.setFrom((await heartbeat()).currentTime);
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      // Without a link, the next one arms it again.
      if (error.kind === 'closed') return;
    }
    if (this.#accepted) this.#armHeartbeat();
  }
}
