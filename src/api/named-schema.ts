import Type, { type Static, type TObject, type TProperties, type TSchema, type TUnsafe } from 'typebox';

/** A schema that OpenAPI lists under its own name. */
export type NamedSchema = TSchema & { readonly $id: string };

/** An object schema of exactly these fields, listed as `name` in the OpenAPI document. */
export function named<const Properties extends TProperties>(
  name: string,
  properties: Properties,
  description?: string,
): TObject<Properties> & { readonly $id: string } {
  return Object.assign(
    Type.Object(properties, {
      additionalProperties: false,
      ...(description === undefined ? {} : { description }),
    }),
    { $id: name },
  );
}

/** Points to a named schema, with its static type. */
export function refTo<Schema extends NamedSchema>(schema: Schema): TUnsafe<Static<Schema>> {
  return Type.Unsafe<Static<Schema>>({ $ref: `${schema.$id}#` });
}

/** A reference that may be null. */
export function nullableRef<Schema extends NamedSchema>(schema: Schema): TUnsafe<Static<Schema> | null> {
  return Type.Unsafe<Static<Schema> | null>({ anyOf: [{ $ref: `${schema.$id}#` }, { type: 'null' }] });
}

/** `type: [number, null]` rather than a union: it validates and serialises without a branch. */
export function nullableNumber(description?: string): TUnsafe<number | null> {
  return Type.Unsafe<number | null>({ type: ['number', 'null'], ...(description ? { description } : {}) });
}

export function nullableText(description?: string): TUnsafe<string | null> {
  return Type.Unsafe<string | null>({ type: ['string', 'null'], ...(description ? { description } : {}) });
}

export function nullableInstant(description?: string): TUnsafe<string | null> {
  return Type.Unsafe<string | null>({
    type: ['string', 'null'],
    format: 'date-time',
    ...(description ? { description } : {}),
  });
}

/** RFC 3339 instant, always UTC on the way out. */
export function instant(description?: string) {
  return Type.String({ format: 'date-time', ...(description ? { description } : {}) });
}

/** One of the given words. */
export function oneOf<const Words extends readonly string[]>(words: Words): TUnsafe<Words[number]> {
  return Type.Unsafe<Words[number]>({ type: 'string', enum: [...words] });
}
