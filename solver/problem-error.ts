/** One fault of a document, with the place in the form `vehicles[3].endSlot`. */
export interface ProblemFault {
  readonly path: string;
  readonly message: string;
}

/** A document that is not a problem; the message names the first fault. */
export class ProblemError extends Error {
  readonly faults: readonly ProblemFault[];

  constructor(faults: readonly ProblemFault[]) {
    const [first] = faults;
    const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
    super(first === undefined ? 'invalid problem' : `${first.path || 'document'}: ${first.message}${more}`);
    this.name = 'ProblemError';
    this.faults = faults;
  }
}
