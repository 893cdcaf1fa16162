import { Ajv, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify';
import type { TSchema } from 'typebox';
import { EbbflowError, type FieldFault } from '../domain/errors.js';
import { API_LIMITS } from './api-limits.js';
import {
  EnergyChartsSchema,
  isEnergyChartsPrices,
  isPriceFeed,
  PriceFeedSchema,
  PriceSeriesSchema,
} from './documents/price-document.js';
import type { NamedSchema } from './named-schema.js';

interface Validators {
  /** For every route: bodies as they are, query strings and headers with text read as numbers. */
  readonly compiler: FastifySchemaCompiler<TSchema>;
  /** For PUT /v1/prices, whose JSON body is one of two documents, told apart by its keys. */
  readonly priceCompiler: FastifySchemaCompiler<TSchema>;
}

/**
 * Validators that know the named schemas. Nothing is coerced in a body: `null` in a price series is a gap,
 * not a zero. Unknown fields are faults, so that a misspelt one is not silently without effect.
 */
export function createValidators(schemas: readonly NamedSchema[]): Validators {
  const base = {
    strict: false,
    strictNumbers: true,
    allowUnionTypes: true,
    removeAdditional: false,
    useDefaults: true,
  } as const;
  const bodies = withFormats(new Ajv({ ...base, allErrors: true, schemas: [...schemas] }));
  // Millions of wrong prices must not become millions of error objects: the first fault ends it.
  const prices = withFormats(new Ajv({ ...base, allErrors: false, schemas: [...schemas] }));
  const texts = withFormats(new Ajv({ ...base, allErrors: true, coerceTypes: true, schemas: [...schemas] }));
  const compiler: Validators['compiler'] = ({ schema, httpPart }) =>
    httpPart === 'body' ? bodies.compile(schema) : texts.compile(schema);
  const series = prices.compile({ $ref: `${PriceSeriesSchema.$id}#` });
  const energyCharts = prices.compile({ $ref: `${EnergyChartsSchema.$id}#` });
  const feed = prices.compile({ $ref: `${PriceFeedSchema.$id}#` });
  return {
    compiler,
    priceCompiler: (route) =>
      route.httpPart === 'body' && route.contentType === 'application/json'
        ? (body: unknown) =>
            check(isEnergyChartsPrices(body) ? energyCharts : isPriceFeed(body) ? feed : series, body)
        : compiler(route),
  };
}

/** INVALID_INPUT with one fault per broken rule, each naming its field. */
export function invalidRequest(errors: readonly FastifySchemaValidationError[], part: string): EbbflowError {
  const faults = errors.slice(0, API_LIMITS.faults).map((error) => faultOf(error, part));
  const detail = faults.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return new EbbflowError('INVALID_INPUT', detail, { faults });
}

function check(validate: ValidateFunction, body: unknown): { value: unknown } | { error: EbbflowError } {
  return validate(body) ? { value: body } : { error: invalidRequest(validate.errors ?? [], 'body') };
}

function faultOf(error: FastifySchemaValidationError, part: string): FieldFault {
  const own: unknown =
    error.keyword === 'required'
      ? error.params.missingProperty
      : error.keyword === 'additionalProperties'
        ? error.params.additionalProperty
        : undefined;
  const steps = error.instancePath.split('/').slice(1).map(decodePointer);
  if (typeof own === 'string') steps.push(own);
  return { path: steps.length > 0 ? fieldPath(steps) : part, message: messageOf(error) };
}

/** `importPerKwh[3]` of the steps `importPerKwh`, `3`. Headers are named as they are usually written. */
function fieldPath(steps: readonly string[]): string {
  const path = steps.reduce(
    (left, step) => (/^\d+$/.test(step) ? `${left}[${step}]` : left === '' ? step : `${left}.${step}`),
    '',
  );
  return path === 'idempotency-key' ? 'Idempotency-Key' : path;
}

function messageOf(error: FastifySchemaValidationError): string {
  switch (error.keyword) {
    case 'required':
      return 'must be given';
    case 'additionalProperties':
      return 'is not a field here';
    case 'enum':
      return `must be one of ${String(error.params.allowedValues).replaceAll(',', ', ')}`;
    default:
      return error.message ?? 'is not valid';
  }
}

const decodePointer = (step: string) => step.replaceAll('~1', '/').replaceAll('~0', '~');

function withFormats(ajv: Ajv): Ajv {
  ajvFormats.default(ajv, ['date-time']);
  return ajv;
}
