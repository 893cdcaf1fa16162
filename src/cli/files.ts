import { readFile } from 'node:fs/promises';
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
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'is a folder' : (error as Error).message;
    throw invalidInput(option, `${file}: ${why}`);
  }
}

/** Parses JSON; INVALID_INPUT that names the option when it is none. */
export function parseJson(text: string, option: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidInput(option, `is not JSON: ${(error as Error).message}`);
  }
}
