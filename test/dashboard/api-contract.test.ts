import type { Static } from 'typebox';
import { describe, expectTypeOf, it } from 'vitest';
import type { DispatchSchema } from '../../src/api/documents/dispatch-document.js';
import type { AlarmSchema } from '../../src/api/documents/event-document.js';
import type { FleetHistorySchema, FleetSchema } from '../../src/api/documents/fleet-document.js';
import type { PlanSchema } from '../../src/api/documents/plan-document.js';
import type { ProblemSchema } from '../../src/api/documents/problem-document.js';
import type { SessionSchema } from '../../src/api/documents/session-document.js';
import type {
  Alarm,
  Dispatch,
  Fleet,
  FleetHistory,
  Plan,
  Problem,
  Session,
} from '../../src/dashboard/api-contract.js';

// The type check of the whole tree is the judge here: a field that the API renames does not compile.
describe("the page's types", () => {
  it('are what the API sends', () => {
    expectTypeOf<Static<typeof FleetSchema>>().toExtend<Fleet>();
    expectTypeOf<Static<typeof FleetHistorySchema>>().toExtend<FleetHistory>();
    expectTypeOf<Static<typeof PlanSchema>>().toExtend<Plan>();
    expectTypeOf<Static<typeof SessionSchema>>().toExtend<Session>();
    expectTypeOf<Static<typeof DispatchSchema>>().toExtend<Dispatch>();
    expectTypeOf<Static<typeof AlarmSchema>>().toExtend<Alarm>();
    expectTypeOf<Static<typeof ProblemSchema>>().toExtend<Problem>();
  });
});
