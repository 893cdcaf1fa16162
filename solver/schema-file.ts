import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Path of a file in the package's `schemas/` folder. The compiled module lies one level deeper than
 * its source, so the folder is found by walking up. Throws when it is nowhere above.
 */
export function findSchemaFile(name: string, from: string = fileURLToPath(import.meta.url)): string {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const file = join(folder, 'schemas', name);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) throw new Error(`no schemas/${name} above ${from}`);
  }
}
