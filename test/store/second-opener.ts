/** Tries to open a data directory and prints how it was refused. */
import { EbbflowError } from '../../src/domain/errors.js';
import { openStore } from '../../src/store/open-store.js';
import { quietLogger } from '../support/store-samples.js';

const [dataDir = ''] = process.argv.slice(2);
try {
  const { close } = await openStore({ dataDir, logger: quietLogger });
  await close();
  process.stdout.write('opened\n');
} catch (error) {
  process.stdout.write(error instanceof EbbflowError ? `${error.code} ${error.message}\n` : `${error}\n`);
}
