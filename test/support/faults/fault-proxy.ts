import { once } from 'node:events';
import {
  type AddressInfo,
  connect,
  createServer,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net';

/** Chooses connections; `label` is what {@link FaultProxyOptions.labelOf} read from the first bytes. */
type Selection = (label: string) => boolean;
const ALL: Selection = () => true;

export interface FaultProxyOptions {
  /** Where the next connection goes; undefined = nobody is there. */
  readonly target: () => NetConnectOpts | undefined;
  /** Names a connection by its first bytes, e.g. by the path of an HTTP request. */
  readonly labelOf?: (firstBytes: string) => string;
}

/** A TCP relay that does to connections what networks do. */
export class FaultProxy {
  readonly #options: FaultProxyOptions;
  readonly #relays = new Set<Relay>();
  readonly #accepted = new Set<Socket>();
  readonly #server: Server;
  #refuses: Selection | undefined;
  #delayMs = 0;

  private constructor(options: FaultProxyOptions) {
    this.#options = options;
    this.#server = createServer((near) => this.#accept(near));
  }

  static async open(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections die with a reset; new ones may come. */
  reset(which: Selection = ALL): void {
    for (const relay of this.#chosen(which)) relay.reset();
  }

  /** Connections die and new ones are refused until {@link mend}. */
  drop(which: Selection = ALL): void {
    this.#refuses = which;
    this.reset(which);
  }

  /** Nothing passes, nobody is told, and what was sent arrives after {@link mend}. */
  stall(which: Selection = ALL): void {
    for (const relay of this.#chosen(which)) relay.stall();
  }

  /** Every chunk takes so much longer from now on. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** What the far end says is swallowed from now on, what the near end says still arrives. */
  loseAnswers(which: Selection = ALL): void {
    for (const relay of this.#chosen(which)) relay.loseAnswers();
  }

  /** The near end is gone; the far end is never told and hears nothing more. */
  loseNearEnd(which: Selection = ALL): void {
    for (const relay of this.#chosen(which)) relay.loseNearEnd();
  }

  /** The far end is gone; the near end is never told and hears nothing more. */
  loseFarEnd(which: Selection = ALL): void {
    for (const relay of this.#chosen(which)) relay.loseFarEnd();
  }

  /** New connections are taken, stalled ones go on, delays are over. Lost ends stay lost. */
  mend(): void {
    this.#refuses = undefined;
    this.#delayMs = 0;
    for (const relay of this.#relays) relay.resume();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.reset();
    for (const near of this.#accepted) near.destroy();
    await closed;
  }

  #chosen(which: Selection): Relay[] {
    return [...this.#relays].filter(({ label }) => which(label));
  }

  #accept(near: Socket): void {
    this.#accepted.add(near);
    near.on('close', () => this.#accepted.delete(near));
    near.on('error', () => undefined);
    const { labelOf } = this.#options;
    if (labelOf === undefined) {
      this.#relay(near, '', undefined);
      return;
    }
    near.once('data', (first: Buffer) => {
      near.pause();
      this.#relay(near, labelOf(first.toString('latin1')), first);
    });
  }

  #relay(near: Socket, label: string, first: Buffer | undefined): void {
    const target = this.#options.target();
    if (target === undefined || this.#refuses?.(label)) {
      abort(near);
      return;
    }
    const relay = new Relay(label, near, connect(target), () => this.#delayMs);
    this.#relays.add(relay);
    relay.onEnd = () => this.#relays.delete(relay);
    if (first !== undefined) relay.toFar.push(first);
    near.resume();
  }
}

/** Ends a socket as a crash does; a Unix socket knows no reset. */
function abort(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.remoteAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

/** One connection through the proxy: near (who connected) and far (who was connected to). */
class Relay {
  readonly label: string;
  readonly toFar: Lane;
  readonly #toNear: Lane;
  readonly #near: Socket;
  readonly #far: Socket;
  onEnd: () => void = () => undefined;

  constructor(label: string, near: Socket, far: Socket, delayMs: () => number) {
    this.label = label;
    this.#near = near;
    this.#far = far;
    this.toFar = new Lane(far, delayMs);
    this.#toNear = new Lane(near, delayMs);
    near.on('data', (chunk: Buffer) => this.toFar.push(chunk));
    far.on('data', (chunk: Buffer) => this.#toNear.push(chunk));
    near.on('error', () => undefined);
    far.on('error', () => undefined);
    near.on('close', () => this.#ended(this.toFar));
    far.on('close', () => this.#ended(this.#toNear));
  }

  reset(): void {
    this.toFar.swallow();
    this.#toNear.swallow();
    abort(this.#near);
    abort(this.#far);
  }

  stall(): void {
    this.toFar.stall();
    this.#toNear.stall();
  }

  resume(): void {
    this.toFar.resume();
    this.#toNear.resume();
  }

  loseAnswers(): void {
    this.#toNear.swallow();
  }

  loseNearEnd(): void {
    this.toFar.swallow();
    this.#toNear.swallow();
    abort(this.#near);
  }

  loseFarEnd(): void {
    this.toFar.swallow();
    this.#toNear.swallow();
    abort(this.#far);
  }

  /** One end has closed: the other is told, unless it is one that never hears. */
  #ended(lane: Lane): void {
    lane.end();
    if (this.#near.destroyed && this.#far.destroyed) this.onEnd();
  }
}

/** One direction of a connection: chunks in their order, late, held or swallowed. */
class Lane {
  readonly #to: Socket;
  readonly #delayMs: () => number;
  readonly #waiting: { readonly dueMs: number; readonly chunk: Buffer | 'end' }[] = [];
  #state: 'open' | 'stalled' | 'swallowing' = 'open';
  #timer: NodeJS.Timeout | undefined;
  #lastDueMs = 0;

  constructor(to: Socket, delayMs: () => number) {
    this.#to = to;
    this.#delayMs = delayMs;
  }

  push(chunk: Buffer | 'end'): void {
    if (this.#state === 'swallowing') return;
    this.#lastDueMs = Math.max(this.#lastDueMs, performance.now() + this.#delayMs());
    this.#waiting.push({ dueMs: this.#lastDueMs, chunk });
    this.#pump();
  }

  end(): void {
    this.push('end');
  }

  stall(): void {
    if (this.#state === 'open') this.#state = 'stalled';
  }

  resume(): void {
    if (this.#state === 'stalled') this.#state = 'open';
    this.#pump();
  }

  swallow(): void {
    this.#state = 'swallowing';
    this.#waiting.length = 0;
    clearTimeout(this.#timer);
  }

  #pump(): void {
    clearTimeout(this.#timer);
    while (this.#state === 'open') {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const leftMs = next.dueMs - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), Math.ceil(leftMs));
        return;
      }
      this.#waiting.shift();
      if (next.chunk === 'end') this.#to.destroy();
      else if (!this.#to.destroyed) this.#to.write(next.chunk);
    }
  }
}
