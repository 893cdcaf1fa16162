import Type, { type Static } from 'typebox';
import type { SignedValue } from '../../domain/signed-value.js';
import { formatInstant } from '../instants.js';
import { instant, named, nullableText, refTo } from '../named-schema.js';

const SignedValueSchema = named(
  'SignedValue',
  {
    at: instant(),
    measurand: Type.String(),
    context: Type.String(),
    value: Type.Number({ description: 'As sent, in `unit` × 10^`multiplier`.' }),
    unit: Type.String(),
    multiplier: Type.Integer(),
    data: Type.String({ description: 'The signed blob.' }),
    encoding: Type.String({ description: 'How the blob is written, e.g. OCMF.' }),
    method: nullableText(),
    publicKey: nullableText(),
  },
  'A metered value with the signature of its meter, as the station sent it. The signature is not judged here.',
);

export const SignedValuesSchema = named('SignedValues', {
  signedValues: Type.Array(refTo(SignedValueSchema)),
});

export const SIGNED_VALUE_SCHEMAS = [SignedValueSchema, SignedValuesSchema];

export function signedValueDocument(signed: SignedValue): Static<typeof SignedValueSchema> {
  const { atMs, method, publicKey, ...told } = signed;
  return { at: formatInstant(atMs), ...told, method: method ?? null, publicKey: publicKey ?? null };
}
