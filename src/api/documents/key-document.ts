import Type from 'typebox';
import { ROLES } from '../../domain/role.js';
import { instant, named, oneOf, refTo } from '../named-schema.js';

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

export const KeyRecordSchema = named('ApiKeyRecord', {
  keyId: Type.String(),
  role: oneOf(ROLES),
  name: Type.String(),
  createdAt: instant(),
});

export const KeyListSchema = named('ApiKeyList', { keys: Type.Array(refTo(KeyRecordSchema)) });

export const KEY_SCHEMAS = [KeyRequestSchema, KeySchema, KeyRecordSchema, KeyListSchema];
