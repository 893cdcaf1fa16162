import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const NOT_OURS = new Set(['node_modules', 'dist', 'data', 'coverage', '.git']);

/** Paths of the files at or below `folders` of the checkout, with forward slashes, sorted. */
export function filesBelow(folders: readonly string[], isWanted: (path: string) => boolean): string[] {
  return folders
    .flatMap((folder) => walk(join(ROOT, folder)))
    .map((path) => relative(ROOT, path).split(sep).join('/'))
    .filter(isWanted)
    .sort();
}

export const isTypeScript = (path: string): boolean => /\.tsx?$/.test(path);

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}
