import { describe, expect, it } from 'vitest';
import type { DialectDemotion } from '../../../src/domain/station.js';
import { withDialect } from '../../../src/engine/sessions/dialect-choice.js';
import { capabilityOfEvse, NOON_MS } from '../../support/engine/fixtures.js';

const V2G = capabilityOfEvse();
const FAST = capabilityOfEvse({ supportsDynamicProfiles: true });
const CHARGER = capabilityOfEvse({ canDischarge: false, because: 'it has no V2X' });
const refused = (
  dialect: DialectDemotion['dialect'],
  change: Partial<DialectDemotion> = {},
): DialectDemotion => ({
  evseNumber: 1,
  dialect,
  reason: 'InvalidSchedule',
  untilMs: NOON_MS + 1,
  count: 1,
  ...change,
});
const choose = (capability: typeof V2G, facts: Parameters<typeof withDialect>[1] = {}) =>
  withDialect(capability, facts, NOON_MS);

describe('the dialect of an EVSE', () => {
  it('is dynamic where Dynamic profiles are supported, else central-setpoint, and charging-only without V2X', () => {
    expect(choose(FAST)).toMatchObject({ dialect: 'dynamic', canDischarge: true });
    expect(choose(V2G)).toMatchObject({ dialect: 'central-setpoint', canDischarge: true });
    expect(choose(CHARGER)).toMatchObject({
      dialect: 'charging-only',
      canDischarge: false,
      because: 'it has no V2X',
      dialectBecause: 'it has no V2X',
    });
  });

  it('goes one rung down for each refusal that is not over, and says why', () => {
    expect(choose(FAST, { dialectDemotions: [refused('dynamic')] })).toMatchObject({
      dialect: 'central-setpoint',
      dialectBecause: 'the EVSE offers the operation mode CentralSetpoint; refused before: InvalidSchedule',
    });
    const both = [refused('dynamic'), refused('central-setpoint')];
    expect(choose(FAST, { dialectDemotions: both })).toMatchObject({
      dialect: 'charging-only',
      canDischarge: false,
      because: 'it is spoken to as charging-only: no other dialect is left; refused before: InvalidSchedule',
    });
  });

  it('comes back when the cool-down is over, and a refusal of another EVSE does not count', () => {
    expect(choose(FAST, { dialectDemotions: [refused('dynamic', { untilMs: NOON_MS })] }).dialect).toBe(
      'dynamic',
    );
    expect(choose(FAST, { dialectDemotions: [refused('dynamic', { evseNumber: 2 })] }).dialect).toBe(
      'dynamic',
    );
  });

  it('is negative-limit by the operator’s word alone, which lets an EVSE without setpoints discharge', () => {
    const setting = { dialect: 'negative-limit', purpose: 'TxDefaultProfile' } as const;
    expect(choose(CHARGER, { dialectSetting: setting })).toMatchObject({
      dialect: 'negative-limit',
      canDischarge: true,
      profilePurpose: 'TxDefaultProfile',
    });
    expect(choose(CHARGER, { dialectSetting: setting, protocol: 'ocpp2.0.1' }).dialect).toBe(
      'negative-limit',
    );
    const after = choose(CHARGER, { dialectSetting: setting, dialectDemotions: [refused('negative-limit')] });
    expect(after).toMatchObject({ dialect: 'charging-only', canDischarge: false });
    expect(after.profilePurpose).toBeUndefined();
  });

  it('follows the operator downwards, but gives no setpoints to a station that cannot discharge', () => {
    expect(choose(FAST, { dialectSetting: { dialect: 'central-setpoint' } }).dialect).toBe(
      'central-setpoint',
    );
    expect(choose(FAST, { dialectSetting: { dialect: 'charging-only' } })).toMatchObject({
      dialect: 'charging-only',
      canDischarge: false,
    });
    expect(choose(CHARGER, { dialectSetting: { dialect: 'dynamic' } }).dialect).toBe('charging-only');
    expect(choose(FAST, { protocol: 'ocpp2.0.1' }).dialect).toBe('charging-only');
  });
});
