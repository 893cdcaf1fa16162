import { type MessagePort, parentPort } from 'node:worker_threads';

/** Answers jobs that a JobThread sends, one after another; an error that `answer` throws ends the thread. */
export function serveJobs<Job, Answer>(
  answer: (job: Job) => Answer | Promise<Answer>,
  port: Pick<MessagePort, 'on' | 'postMessage'> | null = parentPort,
): void {
  let last = Promise.resolve();
  port?.on('message', ({ id, job }: { id: number; job: Job }) => {
    last = last.then(async () => {
      port.postMessage({ id, answer: await answer(job) });
    });
  });
}
