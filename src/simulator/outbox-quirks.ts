/** How a station's transaction events go out of order, twice, or again because an answer was lost. */
export interface OutboxQuirks {
  /** Updated events wait until so many are there; a transaction's start and end take all with them. */
  readonly holdsBack: number;
  /** What waits goes in any order, but for a Started. */
  readonly shuffles: boolean;
  /** Share of events that are sent once more although they were answered. */
  readonly repeatShare: number;
  /** Share of answers that get lost on the way: the event is sent again later, with its number. */
  readonly lostAnswerShare: number;
}

export const TIDY: OutboxQuirks = { holdsBack: 1, shuffles: false, repeatShare: 0, lostAnswerShare: 0 };
