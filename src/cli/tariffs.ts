import type { Command } from 'commander';
import { tariffReader } from '../market/settlement-documents.js';
import { configureImport } from './settlement-documents.js';

export function configure(command: Command): void {
  configureImport(command, { kind: 'tariff', reader: tariffReader });
}
