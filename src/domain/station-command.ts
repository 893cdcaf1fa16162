import type { FrequencyResponse } from './frequency-response.js';
import type { TransactionId } from './ids.js';

export const ENERGY_TRANSFER_MODES = [
  'AC_single_phase',
  'AC_two_phase',
  'AC_three_phase',
  'DC',
  'AC_BPT',
  'AC_BPT_DER',
  'AC_DER',
  'DC_BPT',
  'DC_ACDP',
  'DC_ACDP_BPT',
  'WPT',
] as const;

/** What an operator may ask of a station by hand. `evseNumber` absent = the whole station. */
export type StationCommand =
  | {
      readonly kind: 'trigger-message';
      readonly message: (typeof TRIGGER_MESSAGES)[number];
      readonly evseNumber?: number;
    }
  | { readonly kind: 'reset'; readonly resetType: (typeof RESET_TYPES)[number]; readonly evseNumber?: number }
  | { readonly kind: 'change-availability'; readonly isOperative: boolean; readonly evseNumber?: number }
  | { readonly kind: 'start-transaction'; readonly evseNumber: number; readonly idToken: string }
  | { readonly kind: 'stop-transaction'; readonly transactionId: TransactionId }
  /** Money in the currency of the station's display; below zero the driver earns. */
  | { readonly kind: 'cost-updated'; readonly transactionId: TransactionId; readonly totalCost: number }
  /** Looked up by the station in the signal curves of its profiles. */
  | { readonly kind: 'afrr-signal'; readonly signal: number }
  | {
      readonly kind: 'allow-energy-transfer';
      readonly transactionId: TransactionId;
      readonly modes: readonly (typeof ENERGY_TRANSFER_MODES)[number][];
    }
  /** The driver's wish to charge at once, passed on by us. */
  | {
      readonly kind: 'use-priority-charging';
      readonly transactionId: TransactionId;
      readonly isActive: boolean;
    }
  /** The EVSE's power every `sampleS` seconds, told every `sendS`. The outcome's reason names the monitor. */
  | {
      readonly kind: 'stream-power';
      readonly evseNumber: number;
      readonly sampleS: number;
      readonly sendS: number;
    }
  | { readonly kind: 'stop-stream'; readonly monitoringId: number }
  | {
      readonly kind: 'adjust-stream';
      readonly streamId: number;
      readonly sendS: number;
      readonly samples: number;
    }
  | { readonly kind: 'list-streams' }
  /** A cap of the export that the station keeps by itself, in % of its rated discharge power. */
  | {
      readonly kind: 'limit-max-discharge';
      readonly controlId: string;
      readonly percent: number;
      readonly durationS?: number;
    }
  | { readonly kind: 'clear-der-control'; readonly controlId: string }
  /** The station's controls come as notices. */
  | { readonly kind: 'read-der-controls' }
  | ({ readonly kind: 'frequency-response' } & FrequencyResponse);

export const TRIGGER_MESSAGES = [
  'BootNotification',
  'Heartbeat',
  'MeterValues',
  'StatusNotification',
  'TransactionEvent',
] as const;

/** OnIdle waits for the car to leave; the others end its transaction, or pause it. */
export const RESET_TYPES = ['OnIdle', 'Immediate', 'ImmediateAndResume'] as const;

/** The station's word. `NotSupported`: it does not know the message. */
export interface CommandOutcome {
  readonly status: 'Accepted' | 'Rejected' | 'Scheduled' | 'NotImplemented' | 'NotSupported';
  readonly reason?: string;
}
