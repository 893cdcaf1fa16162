import type { Backing } from '../interior/back-reserves.js';
import { answerBacking, type BackingJob } from './answer-backing.js';
import { serveJobs } from './serve-jobs.js';

serveJobs<BackingJob, Backing>(answerBacking);
