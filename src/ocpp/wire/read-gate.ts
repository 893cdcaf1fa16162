import type { WebSocket } from 'ws';

/** Why a socket is not read: its peer is too fast, or what it sent waits for its turn. */
export type ShutReason = 'pace' | 'turn';

/** Whether a socket is read. One that is not is held back by TCP: nothing is lost. */
export class ReadGate {
  readonly #socket: WebSocket;
  readonly #reasons = new Set<ShutReason>();
  #isOpenForGood = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  shut(reason: ShutReason): void {
    if (this.#isOpenForGood) return;
    this.#reasons.add(reason);
    this.#socket.pause();
  }

  open(reason: ShutReason): void {
    if (this.#reasons.delete(reason) && this.#reasons.size === 0) this.#socket.resume();
  }

  /** On the way out: the peer's close frame must be read too. */
  openForGood(): void {
    this.#isOpenForGood = true;
    this.#reasons.clear();
    this.#socket.resume();
  }
}
