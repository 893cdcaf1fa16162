import Type from 'typebox';
import { ROLES } from '../../domain/role.js';
import { named, oneOf } from '../named-schema.js';

export const KeyRequestSchema = named('ApiKeyRequest', {
  role: oneOf(ROLES),
  name: Type.String({ minLength: 1, maxLength: 100, description: 'Who or what will hold the key.' }),
});

export const KeySchema = named('ApiKey', {
  keyId: Type.String(),
  role: oneOf(ROLES),
  name: Type.String(),
  apiKey: Type.String({ description: 'The key itself: shown here and never again.' }),
});

export const KEY_SCHEMAS = [KeyRequestSchema, KeySchema];
