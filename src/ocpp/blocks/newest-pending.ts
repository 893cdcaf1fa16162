interface Line<Order, Answer> {
  /** The order that waits for the one in flight, and who waits for its answer. */
  next: { order: Order; answer: Promise<Answer>; settle: (answer: Promise<Answer>) => void } | undefined;
}

/**
 * One order per key in flight; of those that come meanwhile only the newest goes out, and all who asked get
 * its answer: what was asked before is out of date.
 */
export class NewestPending<Key, Order, Answer> {
  readonly #send: (key: Key, order: Order) => Promise<Answer>;
  readonly #lines = new Map<Key, Line<Order, Answer>>();

  constructor(send: (key: Key, order: Order) => Promise<Answer>) {
    this.#send = send;
  }

  push(key: Key, order: Order): Promise<Answer> {
    const line = this.#lines.get(key);
    if (line === undefined) {
      const fresh: Line<Order, Answer> = { next: undefined };
      this.#lines.set(key, fresh);
      return this.#run(key, fresh, order);
    }
    if (line.next === undefined) {
      let settle: (answer: Promise<Answer>) => void = () => {};
      const answer = new Promise<Answer>((resolve) => {
        settle = resolve;
      });
      line.next = { order, answer, settle };
    } else line.next.order = order;
    return line.next.answer;
  }

  #run(key: Key, line: Line<Order, Answer>, order: Order): Promise<Answer> {
    const answer = this.#send(key, order);
    const goOn = () => {
      const { next } = line;
      line.next = undefined;
      if (next === undefined) this.#lines.delete(key);
      else next.settle(this.#run(key, line, next.order));
    };
    answer.then(goOn, goOn);
    return answer;
  }
}
