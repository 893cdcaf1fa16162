/** Writes events of many sessions until it is killed; prints `name seqNo` for each that was acknowledged. */
import { openStore } from '../../src/store/open-store.js';
import { quietLogger, sampleRecord } from '../support/store-samples.js';

const SESSIONS = 20;
const [dataDir = ''] = process.argv.slice(2);

const { store } = await openStore({ dataDir, logger: quietLogger });
await Promise.all(Array.from({ length: SESSIONS }, (_, index) => writeSession(`tx-${index}`)));

async function writeSession(name: string): Promise<void> {
  for (let seqNo = 0; ; seqNo += 1) {
    await store.sessions.recordEvent(sampleRecord(name, seqNo));
    process.stdout.write(`${name} ${seqNo}\n`);
  }
}
