import Type from 'typebox';
import { EbbflowError, invalidInput } from '../../domain/errors.js';
import { asSiteId } from '../../domain/ids.js';
import type { ApiContext, ApiServer } from '../api-server.js';
import { DriversSchema, driversDocument } from '../documents/ev-defaults-document.js';
import {
  parseSite,
  SiteChangeSchema,
  SiteSchema,
  SitesSchema,
  siteDocument,
} from '../documents/site-document.js';
import { refTo } from '../named-schema.js';

export function siteRoutes(app: ApiServer, { useCases }: ApiContext): void {
  app.get(
    '/v1/sites',
    {
      config: { role: 'viewer' },
      schema: { tags: ['sites'], summary: 'Every site', response: { 200: refTo(SitesSchema) } },
    },
    async () => ({ sites: (await useCases.sites()).map(siteDocument) }),
  );

  app.post(
    '/v1/sites',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['sites'],
        summary: 'A new site',
        body: refTo(SiteSchema),
        response: { 201: refTo(SiteSchema) },
      },
    },
    async ({ body }, reply) => {
      const site = parseSite(body);
      if ((await useCases.sites()).some(({ siteId }) => siteId === site.siteId))
        throw new EbbflowError('CONFLICT', `There is a site ${site.siteId} already; change it by PUT`);
      return reply
        .code(201)
        .header('location', `/v1/sites/${encodeURIComponent(site.siteId)}`)
        .send(siteDocument(await useCases.saveSite(site)));
    },
  );

  app.put(
    '/v1/sites/:id',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['sites'],
        summary: 'Creates or replaces a site',
        params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) }),
        body: refTo(SiteChangeSchema),
        response: { 200: refTo(SiteSchema) },
      },
    },
    async ({ params, body }) => {
      if (body.siteId !== undefined && body.siteId !== params.id)
        throw invalidInput('siteId', 'must be the one in the path, or absent');
      return siteDocument(await useCases.saveSite(parseSite({ ...body, siteId: params.id })));
    },
  );

  app.get(
    '/v1/sites/:id/drivers',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['sites'],
        summary: 'What is known of the drivers at a site',
        params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) }),
        response: { 200: refTo(DriversSchema) },
      },
    },
    async ({ params }) => {
      const site = (await useCases.sites()).find(({ siteId }) => siteId === params.id);
      if (site === undefined) throw new EbbflowError('NOT_FOUND', `site ${params.id}`);
      return driversDocument(site.drivers ?? []);
    },
  );

  app.put(
    '/v1/sites/:id/drivers',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['sites'],
        summary: 'Replaces what is known of the drivers at a site',
        params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) }),
        body: refTo(DriversSchema),
        response: { 200: refTo(DriversSchema) },
      },
    },
    async ({ params, body }) =>
      driversDocument(await useCases.saveDrivers(asSiteId(params.id), body.drivers)),
  );
}
