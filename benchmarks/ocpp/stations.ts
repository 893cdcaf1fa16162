import { once } from 'node:events';
import { WebSocket } from 'ws';

export const PASSWORD = 'a-benchmark-password';

/** Opens a station's socket. */
export async function connectStation(port: number, stationId: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ocpp/${stationId}`, ['ocpp2.1'], {
    headers: { authorization: `Basic ${Buffer.from(`${stationId}:${PASSWORD}`).toString('base64')}` },
    perMessageDeflate: false,
  });
  socket.on('error', () => {});
  await once(socket, 'open');
  return socket;
}

/** Sends a frame and waits for the next message. @returns milliseconds */
export async function roundTrip(socket: WebSocket, frame: string): Promise<number> {
  const started = performance.now();
  const answer = once(socket, 'message');
  socket.send(frame);
  await answer;
  return performance.now() - started;
}

export interface Latency {
  readonly rounds: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export function latencyOf(times: readonly number[]): Latency {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return {
    rounds: sorted.length,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    maxMs: sorted.at(-1) ?? 0,
  };
}

/** Honest stations that beat their hearts in turn, until told to stop. */
export class HonestStations {
  readonly #sockets: WebSocket[] = [];
  readonly #pauseMs: number;

  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs;
  }

  async connect(port: number, stationIds: readonly string[]): Promise<void> {
    const boot = { reason: 'PowerUp', chargingStation: { model: 'Honest', vendorName: 'Benchmark' } };
    for (const stationId of stationIds) {
      const socket = await connectStation(port, stationId);
      // The engine asks for an inventory and more: none of it is supported here.
      socket.on('message', (data) => {
        const [type, id] = JSON.parse(String(data)) as [number, string];
        if (type === 2) socket.send(JSON.stringify([4, id, 'NotSupported', '', {}]));
      });
      await roundTrip(socket, JSON.stringify([2, 'boot', 'BootNotification', boot]));
      this.#sockets.push(socket);
    }
  }

  /** Round trips of all stations until `done` resolves. */
  async measureUntil(done: Promise<unknown>): Promise<Latency> {
    let isOver = false;
    void done.finally(() => {
      isOver = true;
    });
    const times: number[] = [];
    const beat = async (socket: WebSocket, index: number): Promise<void> => {
      for (let round = 0; !isOver; round += 1) {
        times.push(await answered(socket, `h-${index}-${round}`));
        await new Promise((resolve) => setTimeout(resolve, this.#pauseMs));
      }
    };
    await Promise.all(this.#sockets.map(beat));
    return latencyOf(times);
  }

  isAllOnline(): boolean {
    return this.#sockets.every((socket) => socket.readyState === WebSocket.OPEN);
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
  }
}

function answered(socket: WebSocket, id: string): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const look = (data: unknown): void => {
      if ((JSON.parse(String(data)) as unknown[])[1] !== id) return;
      socket.off('message', look);
      socket.off('close', lost);
      resolve(performance.now() - started);
    };
    const lost = (): void => reject(new Error('an honest station lost its connection'));
    socket.on('message', look);
    socket.once('close', lost);
    socket.send(JSON.stringify([2, id, 'Heartbeat', {}]));
  });
}
