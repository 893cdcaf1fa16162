import { parentPort } from 'node:worker_threads';
import type { Coordination } from '../coordination/coordinate.js';
import { answerCoordination, type CoordinationJob } from './answer-coordination.js';
import { serveJobs } from './serve-jobs.js';

serveJobs<CoordinationJob, Coordination>(answerCoordination, parentPort, ({ change, energyPerKwh }) => [
  change,
  energyPerKwh,
]);
