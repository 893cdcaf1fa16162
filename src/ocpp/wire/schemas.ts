import { createRequire } from 'node:module';
import { Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { StationProtocol } from '../../domain/station.js';
import type { JsonObject } from './frame.js';
import { mapPopularNeeds } from './popular-needs.js';
import { repair } from './repair.js';
import { mapSampleStream } from './sample-stream.js';
import { faultOf, type SchemaVerdict } from './schema-verdict.js';

export type PayloadKind = 'request' | 'response' | 'send';

export type ReadVerdict =
  | { readonly valid: true; readonly repairs: readonly string[] }
  | (SchemaVerdict & { readonly valid: false });

/** Validators of one protocol version; compiled on first use of a message, so share one per process. */
export interface MessageSchemas {
  readonly protocol: StationProtocol;
  /** Whether the standard defines the action at all. */
  knows(kind: PayloadKind, action: string): boolean;
  /** Strict: what we are about to send. */
  check(kind: PayloadKind, action: string, payload: unknown): SchemaVerdict;
  /**
   * Tolerant: mends in place what a station spelled against the standard and says so. What is still wrong
   * after that is invalid.
   */
  read(kind: PayloadKind, action: string, payload: JsonObject): ReadVerdict;
}

/**
 * Mending one fault brings the next to light, one place a round. What is read again in all rounds together is
 * bounded, in characters of JSON, yet a few rounds are always tried.
 */
const MAX_REPAIR_ROUNDS = 100;
const MIN_REPAIR_ROUNDS = 4;
const MAX_REREAD_CHARACTERS = 2_000_000;
/** Remarks on one payload; a station that spells more than this against the standard is known well enough. */
const MAX_REPAIRS_TOLD = 40;

// The OCA schemas come with this package (CC BY-ND 4.0); they are read there and not copied.
const SCHEMA_FILES: Record<StationProtocol, string> = {
  'ocpp2.1': 'ocpp-rpc/lib/schemas/ocpp2_1.json',
  'ocpp2.0.1': 'ocpp-rpc/lib/schemas/ocpp2_0_1.json',
};
const SCHEMA_SUFFIXES: Record<StationProtocol, Record<PayloadKind, string>> = {
  'ocpp2.1': { request: 'Request', response: 'Response', send: '' },
  'ocpp2.0.1': { request: '.req', response: '.conf', send: ' (no SEND in 2.0.1)' },
};

export function createMessageSchemas(protocol: StationProtocol): MessageSchemas {
  const documents = loadDocuments(protocol);
  // verbose: errors carry the schema around them, which repair() asks for the known keys. Only the first
  // error is looked for: collecting them costs time in the square of their number, and a peer chooses it.
  const ajv = new Ajv({ strict: false, verbose: true, validateSchema: false });
  addFormats.default(ajv, ['date-time']);
  const compiled = new Map<string, ValidateFunction>();

  const nameOf = (kind: PayloadKind, action: string): string => action + SCHEMA_SUFFIXES[protocol][kind];
  const errorsOf = (name: string, payload: unknown): readonly ErrorObject[] => {
    let validate = compiled.get(name);
    if (validate === undefined) {
      const document = documents.get(name);
      if (document === undefined) throw new Error(`No schema ${name} in ${protocol}`);
      validate = ajv.compile(document);
      compiled.set(name, validate);
    }
    return validate(payload) ? [] : (validate.errors ?? []);
  };

  return {
    protocol,
    knows: (kind, action) => documents.has(nameOf(kind, action)),
    check(kind, action, payload) {
      const [error] = errorsOf(nameOf(kind, action), payload);
      return error === undefined ? { valid: true } : { valid: false, ...faultOf(error) };
    },
    read(kind, action, payload) {
      const name = nameOf(kind, action);
      const repairs = mapDraftForms(kind, action, payload, protocol);
      let [error] = errorsOf(name, payload);
      for (let round = 0; error !== undefined; round += 1) {
        const mended = mayMendAgain(payload, round) ? repair(payload, error) : [];
        if (mended.length === 0) return { valid: false, ...faultOf(error) };
        repairs.push(...mended);
        [error] = errorsOf(name, payload);
      }
      return { valid: true, repairs: [...new Set(repairs)].slice(0, MAX_REPAIRS_TOLD) };
    },
  };
}

/** Whole messages in a form that others than the schema have shown. */
function mapDraftForms(
  kind: PayloadKind,
  action: string,
  payload: JsonObject,
  protocol: StationProtocol,
): string[] {
  if (kind === 'request' && action === 'NotifyEVChargingNeeds') {
    return mapPopularNeeds(payload, protocol === 'ocpp2.1');
  }
  return kind === 'send' ? mapSampleStream(payload) : [];
}

function mayMendAgain(payload: JsonObject, round: number): boolean {
  if (round < MIN_REPAIR_ROUNDS) return true;
  // Asked every time: mending changes the length, and few payloads come so far.
  return round < MAX_REPAIR_ROUNDS && (round + 1) * JSON.stringify(payload).length <= MAX_REREAD_CHARACTERS;
}

/** Schemas by message name. Their `$id` (`urn:Name`) is no URN that ajv 8.20 can parse, so it gets a namespace. */
function loadDocuments(protocol: StationProtocol): Map<string, AnySchemaObject> {
  const require = createRequire(import.meta.url);
  const list = require(SCHEMA_FILES[protocol]) as readonly AnySchemaObject[];
  return new Map(
    list.map((document) => {
      const name = String(document.$id).replace(/^urn:/, '');
      return [name, { ...document, $id: `urn:${protocol.replaceAll('.', '')}:${name}` }];
    }),
  );
}
