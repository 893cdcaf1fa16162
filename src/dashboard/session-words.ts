import type { Acknowledgement, DeliveryState, Session } from './api-contract.js';

const IDLE_KW = 0.05;

export interface Activity {
  readonly kind: 'import' | 'export' | 'idle';
  readonly text: string;
}

/** What the meter says the car does now. */
export function activityOf({ importKw, exportKw }: Pick<Session, 'importKw' | 'exportKw'>): Activity {
  if (exportKw > IDLE_KW) return { kind: 'export', text: 'Discharging' };
  if (importKw > IDLE_KW) return { kind: 'import', text: 'Charging' };
  return { kind: 'idle', text: 'Waiting' };
}

/** The plan's own sentence for `nowMs`, else what there is to say. */
export function reasonNow(session: Session, nowMs: number): string {
  if (!session.plan) return session.needs ? 'Not planned yet.' : 'The car has not told its needs.';
  const inForce = session.plan.because.find(
    ({ from, to }) => Date.parse(from) <= nowMs && nowMs < Date.parse(to),
  );
  return inForce?.text ?? session.plan.because[0]?.text ?? '';
}

export interface Word {
  readonly kind: 'good' | 'waiting' | 'bad' | 'none';
  readonly text: string;
}

/** Whether the station has taken the newest profile. */
export function profileWord({ desiredProfile, acknowledgement }: Session): Word {
  if (!desiredProfile) return { kind: 'none', text: 'none' };
  const { revision } = desiredProfile;
  if (!acknowledgement || acknowledgement.revision < revision)
    return { kind: 'waiting', text: `${revision} on its way` };
  return answeredWord(acknowledgement);
}

function answeredWord({ revision, status, reason }: Acknowledgement): Word {
  return status === 'accepted'
    ? { kind: 'good', text: `${revision} acknowledged` }
    : { kind: 'bad', text: `${revision} refused${reason ? `: ${reason}` : ''}` };
}

const DELIVERY_WORDS: Readonly<Record<DeliveryState, Word>> = {
  unverified: { kind: 'none', text: 'not metered yet' },
  following: { kind: 'good', text: 'following' },
  lagging: { kind: 'waiting', text: 'lagging' },
  'limited-by-ev': { kind: 'waiting', text: 'limited by the car' },
  ignoring: { kind: 'bad', text: 'ignoring' },
  offline: { kind: 'bad', text: 'offline' },
};

/** How the EVSE does what it was asked; nothing while no meter has told. */
export function deliveryWord({ following }: Pick<Session, 'following'>): Word {
  return following === null ? { kind: 'none', text: 'not metered yet' } : DELIVERY_WORDS[following.state];
}

/** Signed power at the meter, kW. */
export function netKwOf({ importKw, exportKw }: Pick<Session, 'importKw' | 'exportKw'>): number {
  return importKw - exportKw;
}
