import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { After } from '../wire/timer.js';

/** Refused peers that wait for their answer; further ones are answered at once. */
const MAX_HELD = 1_000;

/** Says no, and not at once: whoever tries again and again costs so much less. */
export class Refusals {
  readonly #delayMs: number;
  readonly #after: After;
  readonly #held = new Map<Duplex, () => void>();

  constructor(delayMs: number, after: After) {
    this.#delayMs = delayMs;
    this.#after = after;
  }

  /** @param status HTTP status line without the version, e.g. `404 Not Found` */
  refuse(socket: Duplex, status: string): void {
    if (this.#delayMs === 0 || this.#held.size >= MAX_HELD) {
      answer(socket, status);
      return;
    }
    const cancel = this.#after(this.#delayMs, () => {
      this.#held.delete(socket);
      answer(socket, status);
    });
    this.#held.set(socket, cancel);
    socket.once('close', () => {
      cancel();
      this.#held.delete(socket);
    });
  }

  /** Who still waits gets no answer. */
  close(): void {
    for (const [socket, cancel] of this.#held) {
      cancel();
      socket.destroy();
    }
    this.#held.clear();
  }
}

function answer(socket: Duplex, status: string): void {
  const challenge = status.startsWith('401')
    ? 'WWW-Authenticate: Basic realm="ocpp", charset="UTF-8"\r\n'
    : '';
  const text = STATUS_CODES[status.slice(0, 3)] ?? status;
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n${challenge}` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}
