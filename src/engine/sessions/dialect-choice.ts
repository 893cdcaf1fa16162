import { evseNumberOf } from '../../domain/ids.js';
import type { DialectStanding, EvseCapability, ProfileDialect, Station } from '../../domain/station.js';

/** Those in use of a station: what the operator set, and what its EVSEs refused lately. */
export type DialectFacts = Pick<Station, 'protocol' | 'dialectSetting' | 'dialectDemotions'>;

/**
 * The capability with the best dialect that the EVSE holds now: dynamic → central-setpoint → charging-only,
 * by what the device model offers, less what was refused and is still paused. Negative limits are never
 * guessed: only the operator's word brings them, and it lets an EVSE discharge that offers no setpoints.
 * An EVSE whose dialect is charging-only does not discharge.
 */
export function withDialect(
  capability: EvseCapability,
  { protocol, dialectSetting, dialectDemotions = [] }: DialectFacts,
  nowMs: number,
): EvseCapability {
  const evseNumber = evseNumberOf(capability.evseId);
  const paused = new Map(
    dialectDemotions
      .filter((demotion) => demotion.evseNumber === evseNumber && demotion.untilMs > nowMs)
      .map((demotion) => [demotion.dialect, demotion.reason]),
  );
  const ladder = ladderOf(capability, protocol, dialectSetting?.dialect);
  const first = ladder.find(({ dialect }) => !paused.has(dialect));
  const dialect = first?.dialect ?? 'charging-only';
  const refusal = ladder.length === 0 ? undefined : paused.get(ladder[0]?.dialect ?? 'charging-only');
  const because = first?.because ?? 'no other dialect is left';
  const dialectBecause = refusal === undefined ? because : `${because}; refused before: ${refusal}`;
  const { profilePurpose: _, ...rest } = capability;
  if (dialect === 'charging-only') {
    return {
      ...rest,
      dialect,
      dialectBecause,
      canDischarge: false,
      because: capability.canDischarge
        ? `it is spoken to as charging-only: ${dialectBecause}`
        : capability.because,
    };
  }
  if (dialect === 'negative-limit') {
    const because = 'the operator says that it takes negative limits as discharge';
    const purpose = dialectSetting?.purpose;
    return {
      ...rest,
      dialect,
      dialectBecause,
      canDischarge: true,
      because,
      ...(purpose === undefined ? {} : { profilePurpose: purpose }),
    };
  }
  return { ...rest, dialect, dialectBecause };
}

/**
 * Every dialect that the EVSE may hold, best first: `in-use`, `paused` after a refusal or because the meter did
 * not follow, or `available`.
 */
export function dialectsOf(
  capability: EvseCapability,
  facts: DialectFacts,
  nowMs: number,
): DialectStanding[] {
  const { protocol, dialectSetting, dialectDemotions = [] } = facts;
  const evseNumber = evseNumberOf(capability.evseId);
  const isPaused = (dialect: ProfileDialect) =>
    dialectDemotions.some(
      (demotion) =>
        demotion.evseNumber === evseNumber && demotion.dialect === dialect && demotion.untilMs > nowMs,
    );
  const inUse = withDialect(capability, facts, nowMs).dialect;
  return ladderOf(capability, protocol, dialectSetting?.dialect).map(({ dialect }) => ({
    dialect,
    state: dialect === inUse ? 'in-use' : isPaused(dialect) ? 'paused' : 'available',
  }));
}

interface Rung {
  readonly dialect: ProfileDialect;
  readonly because: string;
}

/** The dialects that the EVSE may hold, best first. charging-only is always the last. */
function ladderOf(
  capability: EvseCapability,
  protocol: Station['protocol'],
  configured: ProfileDialect | undefined,
): Rung[] {
  const rungs: Rung[] = [];
  const word = 'the operator set it';
  const last: Rung = { dialect: 'charging-only', because: whyChargingOnly(capability, configured) };
  if (configured === 'charging-only') return [{ dialect: configured, because: word }];
  if (configured === 'negative-limit') return [{ dialect: configured, because: word }, last];
  if (!capability.canDischarge || protocol === 'ocpp2.0.1') return [last];
  if (configured === 'dynamic') rungs.push({ dialect: configured, because: word });
  else if (configured === undefined && capability.supportsDynamicProfiles) {
    rungs.push({ dialect: 'dynamic', because: 'the station supports Dynamic profiles' });
  }
  rungs.push({
    dialect: 'central-setpoint',
    because: configured === 'central-setpoint' ? word : 'the EVSE offers the operation mode CentralSetpoint',
  });
  return [...rungs, last];
}

function whyChargingOnly(capability: EvseCapability, configured: ProfileDialect | undefined): string {
  return capability.canDischarge || configured === 'negative-limit'
    ? 'no other dialect is left'
    : capability.because;
}
