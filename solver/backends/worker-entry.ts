import { Worker } from 'node:worker_threads';

/**
 * Starts a thread on a module beside the caller, given by its URL without extension. Compiled, that is a plain
 * worker; run from TypeScript sources, the thread loads the compiler first.
 */
export function startWorker(base: string, callerUrl: string, workerData?: unknown): Worker {
  const source = callerUrl.endsWith('.ts');
  const url = new URL(`${base}${source ? '.ts' : '.js'}`, callerUrl);
  if (!source) return new Worker(url, { workerData });
  const load = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import(${JSON.stringify(url.href)}); })`;
  return new Worker(load, { eval: true, workerData });
}
