import { type MessagePort, parentPort } from 'node:worker_threads';

/**
 * Answers the jobs that a JobThread sends, one at a time; an error that `answer` throws ends the thread. Columns named by
 * `movedOf` are handed over instead of copied.
 */
export function serveJobs<Job, Answer>(
  answer: (job: Job) => Answer | Promise<Answer>,
  port: Pick<MessagePort, 'on' | 'postMessage'> | null = parentPort,
  movedOf: (answer: Answer) => readonly Float64Array[] = () => [],
): void {
  port?.on('message', async (job: Job) => {
    const answered = await answer(job);
    const owned = movedOf(answered).map(({ buffer }) => buffer);
    port.postMessage(
      answered,
      owned.filter((buffer) => buffer instanceof ArrayBuffer),
    );
  });
}
