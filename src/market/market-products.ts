import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { EbbflowError, type FieldFault, invalidInput } from '../domain/errors.js';
import type { MarketProduct } from '../domain/market-product.js';
import { productFaults } from './product-rules.js';

/** A product is a page of text; a longer file is something else. */
const LARGEST_FILE_CHARACTERS = 100_000;
const MOST_PRODUCTS = 1_000;

export interface ProductFolders {
  /** Path of schemas/market-product.schema.json. */
  readonly schemaFile: string;
  /** Folders of `*.json`, read in order; a folder that does not exist holds none. */
  readonly folders: readonly string[];
}

/**
 * All market products of some folders, by id. In one folder an id may be there once; a product of a later
 * folder replaces the one of an earlier with the same id, so that a user's file beats a preset.
 * Throws INVALID_INPUT naming file and field, with every fault of the first bad file.
 */
export async function loadMarketProducts({ schemaFile, folders }: ProductFolders): Promise<MarketProduct[]> {
  const schema = JSON.parse(await readFile(schemaFile, 'utf8')) as object;
  const check = new Ajv({ allErrors: true, useDefaults: true, strict: false }).compile<MarketProduct>(schema);
  const products = new Map<string, MarketProduct>();
  for (const folder of folders) {
    const fileById = new Map<string, string>();
    for (const file of await jsonFilesOf(folder)) {
      const product = parseMarketProduct(await readFile(path.join(folder, file), 'utf8'), file, check);
      const twin = fileById.get(product.id);
      if (twin !== undefined) throw invalidInput(`${file} id`, `${product.id} is in ${twin} already`);
      fileById.set(product.id, file);
      products.set(product.id, product);
      if (products.size > MOST_PRODUCTS) throw invalidInput(file, `more than ${MOST_PRODUCTS} products`);
    }
  }
  return [...products.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function parseMarketProduct(
  text: string,
  fileName: string,
  check: ValidateFunction<MarketProduct>,
): MarketProduct {
  if (text.length > LARGEST_FILE_CHARACTERS) {
    throw invalidInput(fileName, `more than ${LARGEST_FILE_CHARACTERS} characters`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalidInput(fileName, `not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  const faults = check(value) ? productFaults(value) : (check.errors ?? []).map(faultOf);
  if (faults.length > 0) {
    const named = faults.map(({ path: field, message }) => ({
      path: `${fileName} ${field}`.trim(),
      message,
    }));
    const detail = named.map(({ path: field, message }) => `${field}: ${message}`).join('; ');
    throw new EbbflowError('INVALID_INPUT', detail, { faults: named });
  }
  return value as MarketProduct;
}

async function jsonFilesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw invalidInput(folder, `the folder cannot be read (${String(cause)})`);
  }
}

function faultOf(error: ErrorObject): FieldFault {
  const field = error.instancePath.split('/').slice(1).join('.');
  const params: Record<string, unknown> = error.params;
  const inner = (name: unknown) => (field === '' ? String(name) : `${field}.${String(name)}`);
  switch (error.keyword) {
    case 'required':
      return { path: inner(params.missingProperty), message: 'is missing' };
    case 'additionalProperties':
      return { path: inner(params.additionalProperty), message: 'is not a known field' };
    case 'enum':
      return { path: field, message: `must be one of ${JSON.stringify(params.allowedValues)}` };
    default:
      return { path: field, message: error.message ?? 'is not valid' };
  }
}
