import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { EbbflowError, type FieldFault, invalidInput } from '../domain/errors.js';

/** A document is a page of text; a longer file is something else. */
const LARGEST_FILE_CHARACTERS = 100_000;
const MOST_DOCUMENTS = 1_000;

/** A kind of document that ships and that users add to: JSON files of one schema. */
export interface DocumentKind<Document> {
  /** Path of its schema. */
  readonly schemaFile: string;
  /** Rules that the schema cannot say; empty when all hold. */
  readonly faultsOf: (document: Document) => readonly FieldFault[];
}

/** Reads one document of a kind. Throws INVALID_INPUT naming file and field, with every fault. */
export type DocumentReader<Document> = (text: string, fileName: string) => Document;

export async function documentReader<Document>({
  schemaFile,
  faultsOf,
}: DocumentKind<Document>): Promise<DocumentReader<Document>> {
  const schema = JSON.parse(await readFile(schemaFile, 'utf8')) as object;
  const check = new Ajv({ allErrors: true, useDefaults: true, strict: false }).compile<Document>(schema);
  return (text, fileName) => parseDocument(text, fileName, check, faultsOf);
}

/**
 * All documents of some folders of `*.json`, by id; a folder that does not exist holds none. In one folder an id
 * may be there once; a document of a later folder replaces the one of an earlier with the same id, so that a
 * user's file beats a preset.
 */
export async function documentsIn<Document extends { readonly id: string }>(
  kind: DocumentKind<Document>,
  folders: readonly string[],
): Promise<Document[]> {
  const read = await documentReader(kind);
  const documents = new Map<string, Document>();
  for (const folder of folders) {
    const fileById = new Map<string, string>();
    for (const file of await jsonFilesOf(folder)) {
      const document = read(await readFile(path.join(folder, file), 'utf8'), file);
      const twin = fileById.get(document.id);
      if (twin !== undefined) throw invalidInput(`${file} id`, `${document.id} is in ${twin} already`);
      fileById.set(document.id, file);
      documents.set(document.id, document);
      if (documents.size > MOST_DOCUMENTS) throw invalidInput(file, `more than ${MOST_DOCUMENTS} files`);
    }
  }
  return [...documents.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function parseDocument<Document>(
  text: string,
  fileName: string,
  check: ValidateFunction<Document>,
  faultsOf: DocumentKind<Document>['faultsOf'],
): Document {
  if (text.length > LARGEST_FILE_CHARACTERS) {
    throw invalidInput(fileName, `more than ${LARGEST_FILE_CHARACTERS} characters`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalidInput(fileName, `not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  const faults = check(value) ? faultsOf(value) : faultsIn(check.errors ?? []);
  if (faults.length > 0) {
    const named = faults.map(({ path: field, message }) => ({
      path: `${fileName} ${field}`.trim(),
      message,
    }));
    const detail = named.map(({ path: field, message }) => `${field}: ${message}`).join('; ');
    throw new EbbflowError('INVALID_INPUT', detail, { faults: named });
  }
  // It helps an editor; it is no field of the document.
  Reflect.deleteProperty(value as object, '$schema');
  return value as Document;
}

async function jsonFilesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw invalidInput(folder, `the folder cannot be read (${String(cause)})`);
  }
}

function faultsIn(errors: readonly ErrorObject[]): FieldFault[] {
  // What an `if` leads to is told by its own errors.
  return errors.filter(({ keyword }) => keyword !== 'if').map(faultOf);
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
    case 'false schema':
      return { path: field, message: 'is not a field of this kind' };
    case 'enum':
      return { path: field, message: `must be one of ${JSON.stringify(params.allowedValues)}` };
    default:
      return { path: field, message: error.message ?? 'is not valid' };
  }
}
