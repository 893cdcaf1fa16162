import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formatsModule from 'ajv-formats';
import type { ProblemDocument } from './problem.js';
import { ProblemError, type ProblemFault } from './problem-error.js';
import { findSchemaFile } from './schema-file.js';
import { findSenseFaults } from './sense-faults.js';

/** A list longer than this helps nobody. */
const MAX_FAULTS = 100;

let validate: ValidateFunction<ProblemDocument> | undefined;

function compiledSchema(): ValidateFunction<ProblemDocument> {
  if (validate === undefined) {
    const ajv = new Ajv({ allErrors: true, useDefaults: true, allowUnionTypes: true });
    formatsModule.default(ajv, ['date-time']);
    const schema: object = JSON.parse(readFileSync(findSchemaFile('problem.schema.json'), 'utf8'));
    validate = ajv.compile<ProblemDocument>(schema);
  }
  return validate;
}

/**
 * Untrusted JSON to a typed problem with every default filled in. The argument is not changed.
 * Throws ProblemError with all faults of form; when the form is right, with all faults of sense.
 */
export function parseProblem(value: unknown): ProblemDocument {
  const copy: unknown = copyShallow(value);
  const check = compiledSchema();
  if (!check(copy)) throw new ProblemError((check.errors ?? []).slice(0, MAX_FAULTS).map(faultOf));
  const faults = findSenseFaults(copy);
  if (faults.length > 0) throw new ProblemError(faults.slice(0, MAX_FAULTS));
  return copy;
}

/** Copies the levels into which defaults are written. */
function copyShallow(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const copy: Record<string, unknown> = { ...value };
  for (const key of ['vehicles', 'reserves']) {
    const list = copy[key];
    if (Array.isArray(list)) copy[key] = list.map((entry) => (isRecord(entry) ? { ...entry } : entry));
  }
  return copy;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function faultOf(error: ErrorObject): ProblemFault {
  const params: Record<string, unknown> = error.params;
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((joined, part) => joinPath(joined, part), '');
  if (error.keyword === 'additionalProperties') {
    return { path: joinPath(path, String(params.additionalProperty)), message: 'is not a known field' };
  }
  if (error.keyword === 'required') {
    return { path: joinPath(path, String(params.missingProperty)), message: 'is missing' };
  }
  if (error.keyword === 'type') {
    return { path, message: `must be ${readableType(params.type)}` };
  }
  if (error.keyword === 'enum' || error.keyword === 'const') {
    const allowed = 'allowedValues' in params ? params.allowedValues : [params.allowedValue];
    return { path, message: `must be one of ${JSON.stringify(allowed)}` };
  }
  return { path, message: error.message ?? 'is invalid' };
}

function readableType(type: unknown): string {
  const names = Array.isArray(type) ? type : [type];
  return names.map((name) => (name === 'number' ? 'finite number' : String(name))).join(' or ');
}

function joinPath(path: string, part: string): string {
  if (/^\d+$/.test(part)) return `${path}[${part}]`;
  return path === '' ? part : `${path}.${part}`;
}
