import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder of the real data, absolute; see vitest.real-data.config.ts. */
    realDataDirectory: string;
  }
}

/** Absolute path of a file of the real data, e.g. `samples/energy_charts_price_DE-LU_2025-03-30.json`. */
export function realDataPath(name: string): string {
  return join(inject('realDataDirectory'), name);
}

export function readRealData(name: string): string {
  return readFileSync(realDataPath(name), 'utf8');
}
