import type { ComponentChildren } from 'preact';
import type { Session } from './api-contract.js';
import { distanceText, figure, timeText } from './figures-as-text.js';
import { deliveryWord, profileWord } from './session-words.js';

/** What the planner sees of a car that is not what the car said. */
const NOTE_TEXT: Readonly<Record<string, string>> = {
  'target-above-capacity': 'target cut to the battery’s capacity',
  'target-missing': 'no target stated',
  'capacity-missing': 'no capacity stated',
  'departure-missing': 'no departure stated',
  'departure-in-past': 'the stated departure has passed',
  'below-v2x-band': 'below the band in which it may discharge',
  'charge-only': 'charges only',
};

const SOURCE_TEXT = {
  driver: 'estimated from the driver’s defaults',
  site: 'estimated from the site’s defaults',
  override: 'estimated from the operator’s override',
} as const;

const FLAG_TEXT: Readonly<Record<string, string>> = {
  'register-went-back': 'A meter register went back.',
  'register-rolled-over': 'A meter register passed its highest standing; its energy is counted through.',
  'register-jumped': 'A meter register jumped by more than an EVSE can draw; the jump is not counted.',
  'counted-by-intervals':
    'The station reports energies per interval and no register; the books are their sum.',
  'clock-ahead': 'The station dated something into the future; it counts as of its receipt.',
  'clock-stopped': 'The station’s clock stood still; what it told counts as of its receipt.',
  'events-outstanding': 'The station may still hold events of this session.',
  'closed-unconfirmed': 'The station did not say that no event is missing.',
  'import-and-export-contradict': 'The meter reported import and export at once.',
  'export-register-missing': 'The station reports no export register.',
  'import-register-missing': 'The station reports no import register.',
  'event-gap': 'Transaction events are missing.',
  'ended-without-readings': 'The session ended without readings.',
};

export function SessionFacts({ session, nowMs }: { readonly session: Session; readonly nowMs: number }) {
  const { needs, window, departure, acknowledgement, desiredProfile } = session;
  const profile = profileWord(session);
  return (
    <section aria-label="Facts">
      <dl class="lines">
        <Line name="Imported in this session">{figure(session.importKwh)} kWh</Line>
        <Line name="Exported in this session">{figure(session.exportKwh)} kWh</Line>
        <Line name="Stored">
          {figure(session.storedKwh)} kWh
          {window ? `, kept between ${figure(window.minEnergyKwh)} and ${figure(window.maxEnergyKwh)}` : ''}
        </Line>
        <Line name="Target">{figure(session.targetEnergyKwh)} kWh</Line>
        <Line name="Departure">
          {departure === null
            ? 'unknown'
            : `${timeText(departure, nowMs)}, ${distanceText(departure, nowMs)}`}
        </Line>
        <Line name="Power">
          {needs
            ? `${figure(needs.maxChargeKw)} kW in, ${needs.bidirectional ? `${figure(needs.maxDischargeKw)} kW out` : 'none out'}, ${needs.current.toUpperCase()}`
            : 'the car has not told its needs'}
        </Line>
        <Line name="Profile revision">
          {profile.text}
          {acknowledgement && acknowledgement.revision === desiredProfile?.revision
            ? `, ${distanceText(acknowledgement.at, nowMs)}`
            : ''}
        </Line>
        <Line name="What the meter says of it">
          {deliveryWord(session).text}
          {session.following
            ? `, ${distanceText(session.following.since, nowMs)}${session.following.reason ? `: ${session.following.reason}` : ''}`
            : ''}
        </Line>
        {desiredProfile ? (
          <Line name="Falls back to charging only">{distanceText(desiredProfile.validTo, nowMs)}</Line>
        ) : null}
        {needs && needs.source !== 'ev' ? <Line name="Needs">{SOURCE_TEXT[needs.source]}</Line> : null}
        {window && window.notes.length > 0 ? (
          <Line name="Assumed">{window.notes.map((note) => NOTE_TEXT[note] ?? note).join(', ')}</Line>
        ) : null}
      </dl>
      {needs?.faults.map((fault) => (
        <p class="warn" key={fault}>
          {fault}
        </p>
      ))}
      {session.flags.map((flag) => (
        <p class="warn" key={flag}>
          {FLAG_TEXT[flag] ?? flag}
        </p>
      ))}
    </section>
  );
}

function Line({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
