import type { Command } from 'commander';
import { contractReader } from '../market/settlement-documents.js';
import { configureImport } from './settlement-documents.js';

export function configure(command: Command): void {
  configureImport(command, { kind: 'contract', reader: contractReader });
}
