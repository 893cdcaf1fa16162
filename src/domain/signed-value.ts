/**
 * A metered value with the meter's own signature, kept as the station sent it: whoever disputes a bill can
 * have it checked. Ebbflow does not judge the signature.
 */
export interface SignedValue {
  readonly atMs: number;
  readonly measurand: string;
  readonly context: string;
  /** As sent, in the sent unit. */
  readonly value: number;
  readonly unit: string;
  readonly multiplier: number;
  /** The blob and how it is written, e.g. `OCMF`. */
  readonly data: string;
  readonly encoding: string;
  /** e.g. `ECDSA-secp256r1-SHA256`; 2.1 stations may leave it to the blob. */
  readonly method?: string;
  readonly publicKey?: string;
}
