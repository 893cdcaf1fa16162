import path from 'node:path';
import { type DriverContract, type Tariff, tariffFaults, validityFaults } from '../domain/tariff.js';
import { type DocumentReader, documentReader } from './documents-in-folders.js';

/** Reads a tariff by its schema in `schemaFolder`; INVALID_INPUT names file, field and rule. */
export function tariffReader(schemaFolder: string): Promise<DocumentReader<Tariff>> {
  const schemaFile = path.join(schemaFolder, 'tariff.schema.json');
  return documentReader<Tariff>({ schemaFile, faultsOf: tariffFaults });
}

/** The same for a contract with drivers. */
export function contractReader(schemaFolder: string): Promise<DocumentReader<DriverContract>> {
  const schemaFile = path.join(schemaFolder, 'driver-contract.schema.json');
  return documentReader<DriverContract>({ schemaFile, faultsOf: validityFaults });
}
