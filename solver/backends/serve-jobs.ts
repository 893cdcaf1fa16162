import { type MessagePort, parentPort } from 'node:worker_threads';

/** Answers the jobs that a JobThread sends, one at a time; an error that `answer` throws ends the thread. */
export function serveJobs<Job, Answer>(
  answer: (job: Job) => Answer | Promise<Answer>,
  port: Pick<MessagePort, 'on' | 'postMessage'> | null = parentPort,
): void {
  port?.on('message', async (job: Job) => {
    port.postMessage(await answer(job));
  });
}
