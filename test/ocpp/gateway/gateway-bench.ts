import { once } from 'node:events';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { asStationId } from '../../../src/domain/ids.js';
import { createGateway } from '../../../src/ocpp/gateway/create-gateway.js';
import type { Gateway, GatewayOptions } from '../../../src/ocpp/gateway/gateway-options.js';
import { stationUrl } from '../../../src/ocpp/wire/station-url.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { Logger } from '../../../src/ports/logger.js';
import { FakeStationEvents } from './fake-station-events.js';

export const NOW_MS = Date.UTC(2026, 2, 14, 17, 55, 2, 118);
export const PASSWORD = 'correct-horse-battery';

/** A clock that stands still and counts who holds it. */
export class HeldClock implements Clock {
  holders = 0;
  mostHolders = 0;
  nowMs(): number {
    return NOW_MS;
  }
  after(): () => void {
    return () => {};
  }
  hold(): () => void {
    this.holders += 1;
    this.mostHolders = Math.max(this.mostHolders, this.holders);
    let held = true;
    return () => {
      if (held) this.holders -= 1;
      held = false;
    };
  }
}

/** A gateway on a free port with an engine of fakes, and raw stations to talk to it. */
export class GatewayBench {
  readonly events = new FakeStationEvents();
  readonly clock = new HeldClock();
  readonly counts = new Map<string, number>();
  readonly logged: { message: string; fields: object }[] = [];
  readonly stations: WebSocket[] = [];
  gateway!: Gateway;

  async start(options: Partial<GatewayOptions> = {}): Promise<this> {
    const record = (fields: object, message: string) => this.logged.push({ message, fields });
    const logger: Logger = { debug: record, info: record, warn: record, error: record };
    this.gateway = await createGateway({
      host: '127.0.0.1',
      port: 0,
      auth: 'basic',
      events: this.events,
      clock: this.clock,
      metrics: {
        count: (name, labels) => {
          const key = `${name} ${Object.values(labels ?? {}).join(' ')}`;
          this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
        },
        observeSeconds: () => {},
      },
      logger,
      ...options,
      limits: { refusalDelayMs: 0, restAfterFailureMs: 0, ...options.limits },
    });
    return this;
  }

  async stop(): Promise<void> {
    for (const station of this.stations) station.terminate();
    await this.gateway.close();
  }

  url(stationId: string): string {
    const { scheme, host, port } = this.gateway.address;
    return stationUrl(`${scheme}://${host}:${port}/ocpp`, asStationId(stationId));
  }

  /** Registers a station with the fake engine. */
  know(stationId: string, registered = true): void {
    this.events.passwords.set(stationId, PASSWORD);
    if (registered) this.events.registered.add(stationId);
  }

  socket(stationId: string, protocols: string[] = ['ocpp2.1'], password = PASSWORD): WebSocket {
    const station = new WebSocket(this.url(stationId), protocols, {
      auth: `${stationId}:${password}`,
      perMessageDeflate: false,
    });
    this.stations.push(station);
    return station;
  }

  /** A known station, connected. */
  async connect(stationId: string, protocols?: string[]): Promise<WebSocket> {
    if (!this.events.passwords.has(stationId)) this.know(stationId);
    const station = this.socket(stationId, protocols);
    await once(station, 'open');
    return station;
  }

  /** Status code of a handshake that is refused. */
  async refusal(path: string, authorization?: string): Promise<number> {
    const { host, port } = this.gateway.address;
    const upgrade = request({
      host,
      port,
      path,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Protocol': 'ocpp2.1',
        ...(authorization === undefined ? {} : { Authorization: authorization }),
      },
    });
    upgrade.end();
    const [response] = (await once(upgrade, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    return response.statusCode;
  }
}

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Next text message of a socket, parsed. */
export async function received(socket: WebSocket): Promise<unknown[]> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return JSON.parse(data.toString()) as unknown[];
}

export async function exchange(socket: WebSocket, frame: unknown): Promise<unknown[]> {
  const answer = received(socket);
  socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  return answer;
}
