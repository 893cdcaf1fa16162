/** What the benchmark asks of a process of light stations. */
export type LoadOrder =
  | { readonly kind: 'boot'; readonly url: string; readonly first: number; readonly count: number }
  | { readonly kind: 'plug-in'; readonly departureMs: number }
  | { readonly kind: 'meter'; readonly seconds: number; readonly perSecond: number }
  | { readonly kind: 'stop-meter' }
  | { readonly kind: 'forget' }
  | { readonly kind: 'taken' }
  | { readonly kind: 'stop' };

export type LoadAnswer =
  | { readonly kind: 'done' }
  /** Per station, ms after the order. */
  | { readonly kind: 'times'; readonly ms: number[] }
  | {
      readonly kind: 'rate';
      readonly perSecond: number;
      readonly latenciesMs: number[];
      readonly failures: number;
    }
  /** When each station took its newest profile, epoch ms. */
  | { readonly kind: 'taken'; readonly atMs: [string, number][] };
