/** Calls `task` once after `delayMs` of real time; the result cancels it. */
export type After = (delayMs: number, task: () => void) => () => void;

/** Real time: what a peer on a socket lives in, whatever clock the engine runs on. */
export const afterRealTime: After = (delayMs, task) => {
  const timer = setTimeout(task, delayMs);
  return () => clearTimeout(timer);
};
