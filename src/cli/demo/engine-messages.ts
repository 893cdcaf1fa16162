import type { TimingName } from '../../ports/metrics.js';

/** What the demo tells the engine's process. */
export type ToEngine =
  | { readonly kind: 'start'; readonly settings: EngineLaunch }
  /** Show the time `toMs`; nothing that is due then is done yet. */
  | { readonly kind: 'show-time'; readonly toMs: number }
  /** Move the clock to `toMs`, then answer when nothing is left to do. */
  | { readonly kind: 'advance'; readonly toMs: number }
  | { readonly kind: 'stop' };

export interface EngineLaunch {
  readonly startMs: number;
  readonly dataDir: string;
  readonly httpPort: number;
  readonly ocppPort: number;
  readonly adminKey: string;
  readonly meterIntervalS: number;
  readonly redisUrl?: string;
  readonly databaseUrl?: string;
}

/** What the engine's process answers. */
export type FromEngine =
  | { readonly kind: 'listening' }
  | { readonly kind: 'ready'; readonly httpAddress: string; readonly ocppAddress: string }
  | { readonly kind: 'shown' }
  | { readonly kind: 'settled'; readonly nextDueMs: number | null; readonly holdsTaken: number }
  | {
      readonly kind: 'timings';
      readonly timings: readonly { readonly name: TimingName; readonly seconds: number }[];
    }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly message: string };
