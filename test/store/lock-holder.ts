/** Locks a folder, says so and holds it until it is killed. */
import { lockFolder } from '../../src/store/embedded/folder-lock.js';

const [folder = ''] = process.argv.slice(2);
await lockFolder(folder);
process.stdout.write('locked\n');
setInterval(() => undefined, 60_000);
