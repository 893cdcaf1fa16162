import Type, { type Static } from 'typebox';
import { EbbflowError, invalidInput } from '../../domain/errors.js';
import { asSiteId, asStationId, isStationId } from '../../domain/ids.js';
import type { DialectSetting } from '../../domain/station.js';
import type { ApiContext, ApiServer } from '../api-server.js';
import {
  CommandOutcomeSchema,
  outcomeDocument,
  parseCommand,
  StationCommandSchema,
} from '../documents/command-document.js';
import { probeDocument, StationProbeSchema } from '../documents/probe-document.js';
import {
  StationChangeSchema,
  StationDetailSchema,
  StationSchema,
  StationsSchema,
  stationDetailDocument,
  stationDocument,
} from '../documents/station-document.js';
import { refTo } from '../named-schema.js';

export function stationRoutes(app: ApiServer, { useCases }: ApiContext): void {
  app.get(
    '/v1/stations',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['stations'],
        summary: 'Every registered station and what its EVSEs can do',
        response: { 200: refTo(StationsSchema) },
      },
    },
    async () => ({ stations: (await useCases.stations()).map(stationDocument) }),
  );

  app.get(
    '/v1/stations/:id',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['stations'],
        summary: 'One station, with the history of how its EVSEs follow',
        params: Type.Object({ id: Type.String() }),
        response: { 200: refTo(StationDetailSchema) },
      },
    },
    async ({ params }) => {
      const view = await useCases.station(asStationId(params.id));
      if (view === undefined) throw new EbbflowError('NOT_FOUND', `station ${params.id}`);
      return stationDetailDocument(view);
    },
  );

  app.post(
    '/v1/stations/:id/probe',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['stations'],
        summary: 'Asks a station now what it can do, means to do and holds; changes nothing there',
        params: Type.Object({ id: Type.String() }),
        response: { 200: refTo(StationProbeSchema) },
      },
    },
    async ({ params }) => probeDocument(await useCases.probeStation(asStationId(params.id))),
  );

  app.post(
    '/v1/stations/:id/commands',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['stations'],
        summary: "Sends a command to a station by hand and returns the station's word",
        params: Type.Object({ id: Type.String() }),
        body: refTo(StationCommandSchema),
        response: { 200: refTo(CommandOutcomeSchema) },
      },
    },
    async ({ params, body }) => {
      if (!isStationId(params.id)) throw invalidInput('id', 'is no station identity');
      return outcomeDocument(await useCases.commandStation(params.id, parseCommand(body)));
    },
  );

  app.put(
    '/v1/stations/:id',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['stations'],
        summary: 'Registers a station, or changes its site or password',
        params: Type.Object({ id: Type.String() }),
        body: refTo(StationChangeSchema),
        response: { 200: refTo(StationSchema) },
      },
    },
    async ({ params, body }) => {
      const stationId = params.id;
      if (!isStationId(stationId)) throw invalidInput('id', 'is no station identity');
      const view = await useCases.registerStation({
        stationId,
        ...(body.siteId === undefined ? {} : { siteId: asSiteId(body.siteId) }),
        ...(body.password === undefined ? {} : { password: body.password }),
        ...dialectChange(body),
      });
      return stationDocument(view);
    },
  );
}

function dialectChange({ profileDialect, profilePurpose }: Static<typeof StationChangeSchema>): {
  dialectSetting?: DialectSetting | null;
} {
  if (profilePurpose !== undefined && profileDialect !== 'negative-limit') {
    throw invalidInput('profilePurpose', 'goes with profileDialect negative-limit alone');
  }
  if (profileDialect === undefined) return {};
  if (profileDialect === null) return { dialectSetting: null };
  return {
    dialectSetting: {
      dialect: profileDialect,
      ...(profilePurpose === undefined ? {} : { purpose: profilePurpose }),
    },
  };
}
