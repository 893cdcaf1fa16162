import { Worker } from 'node:worker_threads';
import type { ThreadSettings } from './thread-messages.js';

/** Starts the database's thread. From TypeScript sources the thread first loads tsx, which Node 20 needs. */
export function startDatabaseThread(settings: ThreadSettings): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./database-thread.js', import.meta.url), { workerData: settings });
  }
  const entry = new URL('./database-thread.ts', import.meta.url).href;
  const load = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import(${JSON.stringify(entry)}); })`;
  return new Worker(load, { eval: true, workerData: settings });
}
