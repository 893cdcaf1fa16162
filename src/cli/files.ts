import { access, constants, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { invalidInput } from '../domain/errors.js';

/** Largest document read into memory. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;

/** Text of a file that the user named with `option`; INVALID_INPUT that names option and file when it cannot be read. */
export async function readTextFile(file: string, option: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.length > MAX_FILE_BYTES) throw new Error('is larger than 512 MiB');
    return text;
  } catch (error) {
    throw invalidInput(option, `${file}: ${whyNot(error)}`);
  }
}

/** INVALID_INPUT that names option and file when `file` cannot be read. */
export async function checkReadable(file: string, option: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    throw invalidInput(option, `${file}: ${whyNot(error)}`);
  }
}

/** INVALID_INPUT that names option and file when `file` could not be written: to be asked before long work. */
export async function checkWritable(file: string, option: string): Promise<void> {
  try {
    await access(path.dirname(path.resolve(file)), constants.W_OK);
    // Appends nothing: a file that is there stays as it is until there is something better.
    await writeFile(file, '', { flag: 'a' });
  } catch (error) {
    throw invalidInput(option, `${file}: ${whyNot(error)}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EISDIR: 'is a folder',
  ENOTDIR: 'a part of the path is no folder',
  EACCES: 'no permission',
  EROFS: 'no permission',
};

function whyNot(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}

/** Parses JSON; INVALID_INPUT that names the option when it is none. */
export function parseJson(text: string, option: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidInput(option, `is not JSON: ${(error as Error).message}`);
  }
}
