import Type from 'typebox';
import { named, oneOf } from '../named-schema.js';

export const HealthSchema = named('Health', { status: oneOf(['alive']) });

export const ReadinessSchema = named('Readiness', {
  ready: Type.Boolean(),
  checks: Type.Array(
    Type.Object({
      name: oneOf(['store', 'queue', 'planner']),
      ok: Type.Boolean(),
      detail: Type.String(),
    }),
  ),
});

export const HEALTH_SCHEMAS = [HealthSchema, ReadinessSchema];
