/**
 * Our profile ids: one per station and two per EVSE, the same ones forever, so that a new profile replaces the old one
 * (OCPP 2.1 K01.FR.05) and one that survived our restart is not doubled (K01.FR.39). They lie far above any
 * SmartChargingCtrlr.MaxExternalConstraintsId, below which ids belong to the station's other masters.
 */
const FIRST_PROFILE_ID = 1_000_000_000;
const FIRST_FREQUENCY_PROFILE_ID = 1_500_000_000;

/** Of the outer guard; EVSEs are numbered from 1. */
export function stationMaxProfileId(): number {
  return FIRST_PROFILE_ID;
}

export function defaultProfileId(evseNumber: number): number {
  return FIRST_PROFILE_ID + 2 * evseNumber;
}

export function transactionProfileId(evseNumber: number): number {
  return FIRST_PROFILE_ID + 2 * evseNumber + 1;
}

/** Of a frequency response: beside the two of the EVSE, so far above them that no EVSE number reaches it. */
export function frequencyProfileId(evseNumber: number): number {
  return FIRST_FREQUENCY_PROFILE_ID + evseNumber;
}

/** The EVSE whose transaction profile has this id; undefined when it is none of ours. */
export function evseOfTransactionProfile(profileId: number): number | undefined {
  const evseNumber = (profileId - FIRST_PROFILE_ID - 1) / 2;
  if (profileId >= FIRST_FREQUENCY_PROFILE_ID) return undefined;
  return Number.isInteger(evseNumber) && evseNumber >= 1 ? evseNumber : undefined;
}
