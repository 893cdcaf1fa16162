import { availableParallelism } from 'node:os';
import type { StationId } from '../../domain/ids.js';
import type { Admission } from '../../ports/station-events.js';
import type { After } from '../wire/timer.js';

/** Half the processors, and no more than half of Node's four threads for such work: the rest serves stations. */
export const PASSWORD_CHECKS_AT_ONCE = Math.min(2, Math.max(1, Math.floor(availableParallelism() / 2)));

export interface PasswordLineOptions {
  /** Checks that run at once, for those who were here before and for newcomers each. */
  readonly atOnce: number;
  /** Who waits, of each kind. A further one takes the place of the newest of the longest row. */
  readonly maxWaiting: number;
  /** A failed check keeps its address from the next one for so long. */
  readonly restAfterFailureMs: number;
  readonly after: After;
}

/** Whose password is to be looked at. */
export interface Asker {
  readonly stationId: StationId;
  readonly peerAddress: string;
  /** Gave the right password from this address before. */
  readonly wasHere: boolean;
  /** Hung up meanwhile. */
  readonly isGone: () => boolean;
}

type Check = () => Promise<Admission>;

/**
 * Who waits for a password check, each of which costs tens of milliseconds of a processor. Stations that were
 * here before have a line of their own. Newcomers take turns by address, and an address that failed rests, so
 * that whoever guesses costs a bounded share of one processor and keeps nobody out. Of one station only the
 * newest request waits.
 */
export class PasswordLine {
  readonly #returning: Lane;
  readonly #newcomers: Lane;

  constructor(options: PasswordLineOptions) {
    this.#returning = new Lane(options);
    this.#newcomers = new Lane(options);
  }

  /** The outcome of the check; undefined when it was not made: the line is full, or a newer request came. */
  pass(asker: Asker, check: Check): Promise<Admission | undefined> {
    const lane = asker.wasHere ? this.#returning : this.#newcomers;
    return new Promise((resolve, reject) => lane.add({ asker, check, resolve, reject }));
  }
}

interface Waiting {
  readonly asker: Asker;
  readonly check: Check;
  readonly resolve: (admission: Admission | undefined) => void;
  readonly reject: (error: unknown) => void;
}

class Lane {
  readonly #options: PasswordLineOptions;
  /** Rows by address, the one whose turn is next first. */
  readonly #rows = new Map<string, Waiting[]>();
  readonly #resting = new Set<string>();
  #waiting = 0;
  #running = 0;

  constructor(options: PasswordLineOptions) {
    this.#options = options;
  }

  add(newest: Waiting): void {
    const { stationId, peerAddress } = newest.asker;
    const row = this.#rows.get(peerAddress) ?? [];
    this.#rows.set(peerAddress, row);
    const earlier = row.findIndex(({ asker }) => asker.stationId === stationId);
    if (earlier >= 0) this.#drop(peerAddress, row, earlier);
    this.#rows.set(peerAddress, row);
    row.push(newest);
    this.#waiting += 1;
    if (this.#waiting > this.#options.maxWaiting) this.#dropFromLongest();
    this.#next();
  }

  #next(): void {
    while (this.#running < this.#options.atOnce) {
      const turn = this.#takeTurn();
      if (turn === undefined) return;
      void this.#run(turn);
    }
  }

  /** The first of the row whose turn it is; the row goes to the end. */
  #takeTurn(): Waiting | undefined {
    for (const [address, row] of this.#rows) {
      if (this.#resting.has(address)) continue;
      this.#rows.delete(address);
      const first = row.shift();
      if (row.length > 0) this.#rows.set(address, row);
      if (first === undefined) continue;
      this.#waiting -= 1;
      if (!first.asker.isGone()) return first;
      first.resolve(undefined);
      return this.#takeTurn();
    }
    return undefined;
  }

  async #run({ asker, check, resolve, reject }: Waiting): Promise<void> {
    this.#running += 1;
    try {
      const admission = await check();
      if (!admission.admitted) this.#rest(asker.peerAddress);
      resolve(admission);
    } catch (error) {
      reject(error);
    }
    this.#running -= 1;
    this.#next();
  }

  #rest(address: string): void {
    if (this.#options.restAfterFailureMs === 0) return;
    this.#resting.add(address);
    this.#options.after(this.#options.restAfterFailureMs, () => {
      this.#resting.delete(address);
      this.#next();
    });
  }

  #dropFromLongest(): void {
    let longest: readonly [string, Waiting[]] | undefined;
    for (const entry of this.#rows) {
      if (longest === undefined || entry[1].length > longest[1].length) longest = entry;
    }
    if (longest !== undefined) this.#drop(longest[0], longest[1], longest[1].length - 1);
  }

  #drop(address: string, row: Waiting[], at: number): void {
    const [dropped] = row.splice(at, 1);
    if (row.length === 0) this.#rows.delete(address);
    if (dropped === undefined) return;
    this.#waiting -= 1;
    dropped.resolve(undefined);
  }
}
