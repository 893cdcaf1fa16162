import { answerLinearProgram } from './answer-linear-program.js';
import type { LinearProgramAnswer, LinearProgramJob } from './linear-program-job.js';
import { serveJobs } from './serve-jobs.js';

serveJobs<LinearProgramJob, LinearProgramAnswer>(answerLinearProgram);
