/** Works off what waits, one message after the other, for so long before the sockets are looked at again. */
const SLICE_MS = 2;

interface Waiting {
  readonly peer: Peer;
  readonly cost: number;
  readonly work: () => void;
}

interface Peer {
  /** Virtual time at which the peer has had what it asked for so far. */
  finish: number;
  readonly line: Waiting[];
  /** Start of the first one in line; what the heap is ordered by. */
  start: number;
}

/** One peer's place among all who want something done. */
export interface Turn {
  /** Does the work now when nobody waits and the slice is not used up, else when it is the peer's turn. */
  take(cost: number, work: () => void): void;
  /** Pieces of the peer's work that wait. */
  readonly waiting: number;
}

/**
 * Shares one thread's time among peers: start-time fair queueing (Goyal, Vin, Cheng 1996). Who asks for less
 * than its share never waits for those who ask for more; what waits is done in slices of {@link SLICE_MS}.
 * Work of one peer stays in order. Memory: what the peers' callers hand in, so they bound it.
 */
export class FairTurns {
  readonly #monotonicMs: () => number;
  readonly #heap: Peer[] = [];
  #virtual = 0;
  #sliceEndMs: number | undefined;
  #isDraining = false;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  join(): Turn {
    const peer: Peer = { finish: 0, start: 0, line: [] };
    return {
      take: (cost, work) => this.#take({ peer, cost, work }),
      get waiting() {
        return peer.line.length;
      },
    };
  }

  #take(wanted: Waiting): void {
    const { peer } = wanted;
    if (this.#heap.length === 0 && !this.#isDraining && this.#hasTime()) {
      this.#serve(wanted, Math.max(this.#virtual, peer.finish));
      return;
    }
    peer.line.push(wanted);
    if (peer.line.length > 1) return;
    peer.start = Math.max(this.#virtual, peer.finish);
    this.#push(peer);
  }

  /** A slice begins with the first work after the sockets were looked at. */
  #hasTime(): boolean {
    const nowMs = this.#monotonicMs();
    if (this.#sliceEndMs === undefined) {
      this.#sliceEndMs = nowMs + SLICE_MS;
      setImmediate(() => void this.#drain());
    }
    return nowMs < this.#sliceEndMs;
  }

  async #drain(): Promise<void> {
    this.#sliceEndMs = undefined;
    if (this.#heap.length === 0) return;
    this.#isDraining = true;
    while (this.#heap.length > 0 && this.#hasTime()) {
      const peer = this.#pop();
      const next = peer.line.shift();
      if (next !== undefined) this.#serve(next, peer.start);
      if (peer.line.length > 0) {
        peer.start = peer.finish;
        this.#push(peer);
      }
      // What the work began goes on meanwhile and counts for the slice.
      await undefined;
    }
    this.#isDraining = false;
  }

  #serve({ peer, cost, work }: Waiting, start: number): void {
    this.#virtual = start;
    peer.finish = start + cost;
    work();
  }

  /** Binary heap in the order of {@link isBefore}. */
  #push(peer: Peer): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(peer, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = peer;
  }

  #pop(): Peer {
    const heap = this.#heap;
    const [top] = heap;
    const last = heap.pop();
    if (top === undefined || last === undefined) throw new Error('an empty heap has no first');
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [first, second] = [heap[left], heap[left + 1]];
      const below = first !== undefined && second !== undefined && isBefore(second, first) ? left + 1 : left;
      const child = heap[below];
      if (child === undefined || !isBefore(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
    return top;
  }
}

/**
 * The earlier start first. Greedy peers with messages of one size have the same starts, all of them: of equals
 * the one first that had less so far.
 */
const isBefore = (one: Peer, other: Peer): boolean =>
  one.start === other.start ? one.finish < other.finish : one.start < other.start;
