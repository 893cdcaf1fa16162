/** What a station says that it will do, all its profiles together. Powers are signed kW. */
export interface ToldSchedule {
  /** Counted from the schedule's own start, so that a station's wrong clock does not matter; ascending. */
  readonly periods: readonly { readonly afterS: number; readonly powerKw: number }[];
  readonly durationS: number;
}

/** The station's answer when it is asked for that. */
export type CompositeAnswer =
  | { readonly kind: 'told'; readonly schedule: ToldSchedule }
  /** It does not know the message, or refuses to say; `detail` for a person. */
  | { readonly kind: 'not-told'; readonly detail: string };

/** Power of a told schedule so long after its start, kW; undefined after its end. */
export function toldPowerKwAt({ periods, durationS }: ToldSchedule, afterS: number): number | undefined {
  if (afterS >= durationS) return undefined;
  let powerKw: number | undefined;
  for (const period of periods) {
    if (period.afterS > afterS) break;
    powerKw = period.powerKw;
  }
  return powerKw;
}
