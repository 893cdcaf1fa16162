import { EbbflowError } from '../../domain/errors.js';
import type { ApiContext, ApiServer } from '../api-server.js';
import { PlanSchema, planDocument } from '../documents/plan-document.js';
import { refTo } from '../named-schema.js';

export function planRoutes(app: ApiServer, { useCases }: ApiContext): void {
  app.get(
    '/v1/plans/latest',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['plans'],
        summary: 'The last plan with its certificate and cause',
        response: { 200: refTo(PlanSchema) },
      },
    },
    async () => {
      const plan = await useCases.latestPlan();
      if (!plan) throw new EbbflowError('NOT_FOUND', 'There is no plan yet');
      return planDocument(plan);
    },
  );
}
