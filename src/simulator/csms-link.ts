import type { WebSocket } from 'ws';
import type { StationId } from '../domain/ids.js';
import type { CallAnswerer } from '../ocpp/wire/answering.js';
import { OcppConnection } from '../ocpp/wire/connection.js';
import type { Fault } from '../ocpp/wire/fault.js';
import type { Action, RequestOf, ResponseOf } from '../ocpp/wire/messages.js';
import { CallFailure } from '../ocpp/wire/rpc-error.js';
import type { MessageSchemas } from '../ocpp/wire/schemas.js';
import { stationUrl } from '../ocpp/wire/station-url.js';
import type { Clock } from '../ports/clock.js';
import type { Random } from './seeded-random.js';
import { SpellingSocket, type WireSpelling } from './wire-spelling.js';

/** Real time for TCP and HTTP upgrade. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** OCPPCommCtrlr.RetryBackOff…, seconds. */
export interface BackOff {
  readonly waitMinimumS: number;
  readonly randomRangeS: number;
  readonly repeatTimes: number;
}

export interface CsmsLinkOptions {
  readonly endpoint: string;
  readonly stationId: StationId;
  readonly password?: string;
  readonly clock: Clock;
  readonly schemas: MessageSchemas;
  readonly random: Random;
  /** How its CALLs are written; absent = by the standard. */
  readonly spelling?: WireSpelling;
  readonly backOff: () => BackOff;
  readonly onCall: CallAnswerer;
  readonly onFault: (fault: Fault) => void;
  /** The link stands; the clock is held until the promise resolves. */
  readonly onUp: () => Promise<void>;
  readonly onDown: () => void;
  /** An attempt to connect that failed, e.g. refused, 401 or 404. */
  readonly onFailedAttempt: (why: string) => void;
}

/** Wait before attempt `failures` + 1 (OCPP 2.1 Part 4, 5.2): doubled after each failure, up to a number of times. */
export function backOffMs(backOff: BackOff, failures: number, random: Random): number {
  const doublings = Math.min(failures, backOff.repeatTimes);
  return (backOff.waitMinimumS * 2 ** doublings + random() * backOff.randomRangeS) * 1000;
}

/** A station's connection to its CSMS: connects, and connects again with back-off on the clock, until stopped. */
export class CsmsLink {
  readonly #options: CsmsLinkOptions;
  #connection: OcppConnection | undefined;
  #socket: WebSocket | undefined;
  #failures = 0;
  #stopped = false;
  #connecting = false;
  #cancelRetry: (() => void) | undefined;

  constructor(options: CsmsLinkOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#connection?.isOpen ?? false;
  }

  /** Connecting, or frames without an answer in either direction. */
  get isBusy(): boolean {
    const connection = this.#connection;
    return (
      this.#connecting || (connection !== undefined && connection.pendingCalls + connection.inboundCalls > 0)
    );
  }

  /** One attempt; resolves when it failed, or when `onUp` is through. Further attempts follow by themselves. */
  async connect(): Promise<void> {
    if (this.#stopped || this.#connection || this.#connecting) return;
    this.#connecting = true;
    const release = this.#options.clock.hold();
    try {
      const failure = await this.#open();
      this.#connecting = false;
      if (failure === undefined) {
        this.#failures = 0;
        await this.#options.onUp();
      } else {
        this.#options.onFailedAttempt(failure);
        this.#retryLater();
      }
    } finally {
      this.#connecting = false;
      release();
    }
  }

  /** @throws CallFailure, `closed` when there is no link. */
  async call<A extends Action>(action: A, payload: RequestOf<A>): Promise<ResponseOf<A>> {
    if (!this.#connection) throw new CallFailure('closed', 'The station has no link');
    const release = this.#options.clock.hold();
    try {
      return await this.#connection.call(action, payload);
    } finally {
      release();
    }
  }

  /** Lets open calls finish and stays away. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRetry?.();
    this.#socket?.terminate();
    await this.#connection?.close();
  }

  /** Cuts the link without a word, as a lost network does; the back-off starts. */
  cut(): void {
    this.#connection?.terminate();
  }

  /** Resolves with what went wrong, or `undefined` when the link stands. */
  #open(): Promise<string | undefined> {
    const { endpoint, stationId, password } = this.#options;
    const authorization = `Basic ${Buffer.from(`${stationId}:${password}`).toString('base64')}`;
    const socket = new SpellingSocket(stationUrl(endpoint, stationId), ['ocpp2.1'], {
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      ...(password === undefined ? {} : { headers: { authorization } }),
    });
    socket.spelling = this.#options.spelling ?? 'standard';
    this.#socket = socket;
    return new Promise((resolve) => {
      let lastError = 'The connection was closed';
      const onError = (error: Error) => {
        lastError = error.message;
      };
      const onClose = () => resolve(lastError);
      socket.on('error', onError);
      socket.once('close', onClose);
      socket.once('open', () => {
        socket.off('error', onError);
        socket.off('close', onClose);
        this.#socket = undefined;
        this.#connection = this.#speak(socket);
        resolve(undefined);
      });
    });
  }

  #speak(socket: WebSocket): OcppConnection {
    const { schemas, onCall, onFault, onDown, clock } = this.#options;
    return new OcppConnection({
      role: 'station',
      socket,
      schemas,
      onFault,
      // Time stands still from the CSMS's call to our answer.
      onCall: async (action, payload) => {
        const release = clock.hold();
        try {
          return await onCall(action, payload);
        } finally {
          release();
        }
      },
      onClosed: () => {
        this.#connection = undefined;
        onDown();
        this.#retryLater();
      },
    });
  }

  #retryLater(): void {
    if (this.#stopped) return;
    const waitMs = backOffMs(this.#options.backOff(), this.#failures, this.#options.random);
    this.#failures += 1;
    this.#cancelRetry = this.#options.clock.after(waitMs, () => {
      this.#cancelRetry = undefined;
      void this.connect();
    });
  }
}
