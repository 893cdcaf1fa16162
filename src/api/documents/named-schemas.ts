import type { NamedSchema } from '../named-schema.js';
import { BID_SCHEMAS } from './bid-document.js';
import { COMMAND_SCHEMAS } from './command-document.js';
import { DEAD_LETTER_SCHEMAS } from './dead-letter-document.js';
import { DELIVERY_SCHEMAS } from './delivery-document.js';
import { DISPATCH_SCHEMAS } from './dispatch-document.js';
import { EV_DEFAULTS_SCHEMAS } from './ev-defaults-document.js';
import { EVENT_SCHEMAS } from './event-document.js';
import { FLEET_SCHEMAS } from './fleet-document.js';
import { HEALTH_SCHEMAS } from './health-document.js';
import { KEY_SCHEMAS } from './key-document.js';
import { LEDGER_SCHEMAS } from './ledger-document.js';
import { PLAN_SCHEMAS } from './plan-document.js';
import { PRICE_SCHEMAS } from './price-document.js';
import { PROBE_SCHEMAS } from './probe-document.js';
import { PROBLEM_SCHEMAS } from './problem-document.js';
import { PROFILE_SCHEMAS } from './profile-document.js';
import { PROOF_SCHEMAS } from './proof-document.js';
import { SESSION_SCHEMAS } from './session-document.js';
import { SETTLEMENT_SCHEMAS } from './settlement-document.js';
import { SIGNED_VALUE_SCHEMAS } from './signed-value-document.js';
import { SITE_SCHEMAS } from './site-document.js';
import { STATION_SCHEMAS } from './station-document.js';
import { TARIFF_SCHEMAS } from './tariff-document.js';

/** Every schema that OpenAPI lists by name. */
export const NAMED_SCHEMAS: readonly NamedSchema[] = [
  ...PROBLEM_SCHEMAS,
  ...HEALTH_SCHEMAS,
  ...FLEET_SCHEMAS,
  ...STATION_SCHEMAS,
  ...PROBE_SCHEMAS,
  ...COMMAND_SCHEMAS,
  ...PROFILE_SCHEMAS,
  ...SESSION_SCHEMAS,
  ...SIGNED_VALUE_SCHEMAS,
  ...EV_DEFAULTS_SCHEMAS,
  ...SITE_SCHEMAS,
  ...PRICE_SCHEMAS,
  ...PLAN_SCHEMAS,
  ...BID_SCHEMAS,
  ...DISPATCH_SCHEMAS,
  ...DEAD_LETTER_SCHEMAS,
  ...DELIVERY_SCHEMAS,
  ...PROOF_SCHEMAS,
  ...SETTLEMENT_SCHEMAS,
  ...TARIFF_SCHEMAS,
  ...LEDGER_SCHEMAS,
  ...EVENT_SCHEMAS,
  ...KEY_SCHEMAS,
];
