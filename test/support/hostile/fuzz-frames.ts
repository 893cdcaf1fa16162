import { readFileSync } from 'node:fs';
import { type Random, seededRandom } from '../../../src/simulator/seeded-random.js';

/** What a hostile or broken station puts on its socket: text, or bytes in a binary message. */
export type FuzzMessage = string | Buffer;

export const FUZZ_KINDS = ['bytes', 'json', 'frame', 'schema-near', 'sequence'] as const;
export type FuzzKind = (typeof FUZZ_KINDS)[number];

/** A well-formed CALL of a station, as it is and to be spoilt. */
export interface SampleCall {
  readonly action: string;
  readonly payload: object;
}

/** The CALLs of the golden transcripts: what stations really say. */
export function sampleCalls(): readonly SampleCall[] {
  const files = ['bidirectional-session.ocpp', 'popular-spelling.ocpp'];
  const lines = files.flatMap((name) =>
    readFileSync(new URL(`../../golden/${name}`, import.meta.url), 'utf8').split('\n'),
  );
  return lines
    .filter((line) => line.startsWith('> [2,'))
    .map((line) => JSON.parse(line.slice(2)) as [number, string, string, object])
    .map(([, , action, payload]) => ({ action, payload }));
}

/** An endless row of messages of all kinds; the same seed gives the same row. */
export class FrameFuzzer {
  readonly #random: Random;
  readonly #samples: readonly SampleCall[];
  #sent = 0;

  constructor(seed: number, samples: readonly SampleCall[] = sampleCalls()) {
    this.#random = seededRandom(seed);
    this.#samples = samples;
  }

  next(): { readonly kind: FuzzKind; readonly message: FuzzMessage } {
    const kind = this.#pick(FUZZ_KINDS);
    return { kind, message: this.#messageOf(kind) };
  }

  #messageOf(kind: FuzzKind): FuzzMessage {
    switch (kind) {
      case 'bytes':
        return this.#bytes();
      case 'json':
        return JSON.stringify(this.#value(4)) ?? 'null';
      case 'frame':
        return JSON.stringify(this.#frame());
      case 'schema-near':
        return this.#nearCall();
      case 'sequence':
        return this.#outOfSequence();
    }
  }

  #bytes(): FuzzMessage {
    const length = this.#upTo(this.#chance(0.02) ? 20_000 : 200);
    const bytes = Buffer.from(Array.from({ length }, () => this.#upTo(256)));
    if (this.#chance(0.3)) return bytes;
    const text = this.#chance(0.5) ? bytes.toString('latin1') : `[2,"${bytes.toString('base64')}`;
    return this.#chance(0.2) ? '['.repeat(this.#upTo(5_000)) : text;
  }

  #frame(): unknown[] {
    const parts = [
      this.#chance(0.8) ? this.#upTo(8) : this.#value(1),
      this.#chance(0.8) ? this.#id() : this.#value(1),
      this.#chance(0.5) ? this.#pick(this.#samples).action : this.#value(1),
      this.#value(3),
      this.#value(1),
    ];
    return parts.slice(0, this.#upTo(parts.length + 1));
  }

  /** A call of a real station with a few places spoilt. */
  #nearCall(): string {
    const { action, payload } = this.#pick(this.#samples);
    const spoilt = structuredClone(payload) as Record<string, unknown>;
    for (let left = 1 + this.#upTo(3); left > 0; left -= 1) this.#spoil(spoilt);
    return JSON.stringify([2, this.#id(), action, spoilt]);
  }

  #spoil(root: Record<string, unknown>): void {
    let holder: Record<string, unknown> = root;
    for (;;) {
      const keys = Object.keys(holder);
      if (keys.length === 0) return;
      const key = this.#pick(keys);
      const value = holder[key];
      if (typeof value === 'object' && value !== null && this.#chance(0.75)) {
        holder = value as Record<string, unknown>;
        continue;
      }
      this.#spoilAt(holder, key, value);
      return;
    }
  }

  #spoilAt(holder: Record<string, unknown>, key: string, value: unknown): void {
    switch (this.#upTo(9)) {
      case 0:
        delete holder[key];
        return;
      case 1:
        holder[key] = this.#value(2);
        return;
      case 2:
        holder[key] = this.#pick([null, [], {}, '', -1, 1e308, -1e308, 2 ** 53, 0.1, Number.MIN_VALUE, true]);
        return;
      case 3:
        holder[key.toUpperCase()] = value;
        delete holder[key];
        return;
      case 4:
        holder[`${key}${this.#upTo(10)}`] = value;
        return;
      case 5:
        holder[key] = 'x'.repeat(this.#upTo(this.#chance(0.05) ? 50_000 : 300));
        return;
      case 6:
        holder[key] = Array.from({ length: this.#upTo(this.#chance(0.05) ? 2_000 : 20) }, () => value);
        return;
      case 7:
        holder[key] = JSON.stringify(value);
        return;
      default:
        Object.defineProperty(holder, this.#pick(['__proto__', 'constructor', 'toString']), {
          value: this.#value(1),
          enumerable: true,
          configurable: true,
          writable: true,
        });
    }
  }

  /** Right in itself, wrong here: repeated ids, answers to nothing, events in no order, other EVSEs. */
  #outOfSequence(): string {
    const { action, payload } = this.#pick(this.#samples);
    switch (this.#upTo(6)) {
      case 0:
        return JSON.stringify([2, 'same-id', action, payload]);
      case 1:
        return JSON.stringify([3, this.#id(), { status: 'Accepted' }]);
      case 2:
        return JSON.stringify([4, this.#id(), 'InternalError', '', {}]);
      case 3:
        return JSON.stringify([5, this.#id(), 'FormatViolation', 'your answer', {}]);
      case 4:
        return JSON.stringify([
          6,
          this.#id(),
          'NotifyPeriodicEventStream',
          { id: this.#upTo(9), pending: 0, basetime: '2026-03-14T18:00:00Z', data: [{ t: 0, v: '1' }] },
        ]);
      default:
        return JSON.stringify([2, this.#id(), 'TransactionEvent', this.#strayEvent()]);
    }
  }

  #strayEvent(): object {
    return {
      eventType: this.#pick(['Started', 'Updated', 'Ended']),
      timestamp: new Date(Date.UTC(2026, 2, 14, 18) + this.#upTo(8.64e7) - 4.32e7).toISOString(),
      triggerReason: 'Trigger',
      seqNo: this.#upTo(50),
      transactionInfo: { transactionId: `stray-${this.#upTo(40)}` },
      evse: { id: this.#upTo(this.#chance(0.1) ? 2 ** 31 : 4) },
    };
  }

  /** Any JSON value, at most so many levels deep. */
  #value(depth: number): unknown {
    const kind = this.#upTo(depth > 0 ? 8 : 6);
    switch (kind) {
      case 0:
        return null;
      case 1:
        return this.#chance(0.5);
      case 2:
        return (this.#random() - 0.5) * 10 ** this.#upTo(20);
      case 3:
        return this.#upTo(1000) - 500;
      case 4:
        return this.#text();
      case 5:
        return new Date(this.#upTo(2 ** 41)).toISOString();
      case 6:
        return Array.from({ length: this.#upTo(5) }, () => this.#value(depth - 1));
      default:
        return Object.fromEntries(
          Array.from({ length: this.#upTo(5) }, () => [this.#text(), this.#value(depth - 1)]),
        );
    }
  }

  #text(): string {
    return String.fromCodePoint(...Array.from({ length: this.#upTo(12) }, () => this.#codePoint()));
  }

  #codePoint(): number {
    return this.#chance(0.7) ? 32 + this.#upTo(95) : this.#upTo(0xd7ff);
  }

  #id(): string {
    this.#sent += 1;
    return this.#chance(0.05) ? 'x'.repeat(this.#upTo(80)) : `f-${this.#sent}`;
  }

  #pick<T>(from: readonly T[]): T {
    const chosen = from[this.#upTo(from.length)];
    if (chosen === undefined && from.length === 0) throw new RangeError('nothing to pick from');
    return chosen as T;
  }

  #upTo(end: number): number {
    return Math.floor(this.#random() * end);
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }
}
