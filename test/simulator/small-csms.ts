import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { answering } from '../../src/ocpp/wire/answering.js';
import { OcppConnection } from '../../src/ocpp/wire/connection.js';
import type { Action, CallHandlers, RequestOf, ResponseOf } from '../../src/ocpp/wire/messages.js';
import { createMessageSchemas } from '../../src/ocpp/wire/schemas.js';
import type { TransactionEventRequest } from '../../src/ocpp/wire/transaction-messages.js';
import type { Clock } from '../../src/ports/clock.js';

const schemas = createMessageSchemas('ocpp2.1');

/** One CALL that the CSMS got. */
export interface HeardCall {
  readonly atMs: number;
  readonly stationId: string;
  readonly action: Action;
  readonly payload: object;
}

/** The least CSMS that a station can talk to, over a real socket. Answers everything kindly unless told otherwise. */
export class SmallCsms {
  readonly heard: HeardCall[] = [];
  readonly faults: string[] = [];
  readonly authorizations: (string | undefined)[] = [];
  /** Replaces the kind answers. */
  handlers: CallHandlers = {};
  /** Password that stations must give; absent = open. */
  password: string | undefined;
  readonly #clock: Clock;
  readonly #connections = new Map<string, OcppConnection>();
  #server: WebSocketServer | undefined;
  #port = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}/ocpp`;
  }

  /** Listens on a free port, later again on the same one. */
  async listen(): Promise<void> {
    this.#server = new WebSocketServer({
      host: '127.0.0.1',
      port: this.#port,
      handleProtocols: (offered) => (offered.has('ocpp2.1') ? 'ocpp2.1' : false),
      verifyClient: ({ req }: { req: IncomingMessage }) => {
        const { authorization } = req.headers;
        this.authorizations.push(authorization);
        if (this.password === undefined) return true;
        const [, base64 = ''] = (authorization ?? '').split(' ');
        return Buffer.from(base64, 'base64').toString().endsWith(`:${this.password}`);
      },
    });
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    this.#server.on('connection', (socket, request) => {
      this.#speak(socket, decodeURIComponent(request.url?.split('/').at(-1) ?? ''));
    });
  }

  /** Falls over: all sockets cut, nobody listens. */
  async die(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
    this.#server = undefined;
  }

  /** A call to a station, with the clock held until the answer. */
  async call<A extends Action>(stationId: string, action: A, payload: RequestOf<A>): Promise<ResponseOf<A>> {
    const connection = this.#connections.get(stationId);
    if (!connection) throw new Error(`${stationId} is not connected`);
    const release = this.#clock.hold();
    try {
      return await connection.call(action, payload);
    } finally {
      release();
    }
  }

  heardOf<A extends Action>(action: A): RequestOf<A>[] {
    return this.heard.filter((call) => call.action === action).map((call) => call.payload as RequestOf<A>);
  }

  events(): TransactionEventRequest[] {
    return this.heardOf('TransactionEvent');
  }

  #speak(socket: WebSocket, stationId: string): void {
    const kind = this.#kindAnswers();
    const connection = new OcppConnection({
      role: 'csms',
      socket,
      schemas,
      onCall: async (action, payload) => {
        this.heard.push({ atMs: this.#clock.nowMs(), stationId, action: action as Action, payload });
        return answering({ ...kind, ...this.handlers })(action, payload);
      },
      onFault: ({ kind, detail }) => this.faults.push(`${kind}: ${detail}`),
    });
    this.#connections.set(stationId, connection);
  }

  #kindAnswers(): CallHandlers {
    const currentTime = () => new Date(this.#clock.nowMs()).toISOString();
    return {
      BootNotification: async () => ({ currentTime: currentTime(), interval: 3600, status: 'Accepted' }),
      Heartbeat: async () => ({ currentTime: currentTime() }),
      StatusNotification: async () => ({}),
      NotifyEvent: async () => ({}),
      NotifyReport: async () => ({}),
      Authorize: async () => ({ idTokenInfo: { status: 'Accepted' } }),
      TransactionEvent: async () => ({}),
      NotifyEVChargingNeeds: async () => ({ status: 'Processing' }),
      NotifyEVChargingSchedule: async () => ({ status: 'Accepted' }),
    };
  }
}
