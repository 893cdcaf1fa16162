import {
  type LinearProgramFind,
  type LinearProgramSearch,
  searchLinearProgram,
} from './linear-program-search.js';
import { serveJobs } from './serve-jobs.js';

serveJobs<LinearProgramSearch, LinearProgramFind>(searchLinearProgram);
