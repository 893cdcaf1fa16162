import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import { apiUnderTest } from './api-under-test.js';
import { dispatchView } from './fake-fleet.js';

interface Operation {
  readonly tags: string[];
  readonly security: object[];
  readonly description?: string;
  readonly responses: Record<string, { content: Record<string, { schema: object }> }>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, object>;
    readonly securitySchemes: Record<string, object>;
  };
}

/** Not part of the contract: the description itself, the human page, the dashboard. */
const UNDESCRIBED = /^\/(openapi\.json|docs.*|\*?|index\.html|assets.*)$/;

describe('the OpenAPI document', () => {
  let document: Document;

  beforeAll(async () => {
    const { app } = await apiUnderTest();
    document = (await app.inject('/openapi.json')).json();
  });

  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate({ ...structuredClone(document) });
    expect(result.errors).toBeUndefined();
    expect([result.valid, document.openapi]).toEqual([true, '3.1.0']);
  });

  it('describes every registered route', async () => {
    const { app } = await apiUnderTest();
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described).toContain('GET /healthz');
    expect(described.length).toBeGreaterThan(20);
    const registered = registeredRoutes(app.printRoutes({ commonPrefix: false })).filter(
      (route) => !UNDESCRIBED.test(route.slice(route.indexOf(' ') + 1)),
    );
    expect(registered.sort()).toEqual(described.sort());
  });

  it('names its schemas', () => {
    const names = Object.keys(document.components.schemas);
    expect(names.filter((name) => !/^[A-Z][A-Za-z]+$/.test(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['Fleet', 'Session', 'Dispatch', 'PriceSeries', 'Problem']));
  });

  it('says of each route whether it needs a key, and which role', () => {
    for (const [path, operations] of Object.entries(document.paths))
      for (const operation of Object.values(operations)) {
        const needsKey = path.startsWith('/v1/');
        expect(operation.security).toEqual(needsKey ? [{ apiKey: [] }] : []);
        if (needsKey) expect(operation.description).toMatch(/^Role: (viewer|trader|operator|admin)\./);
        expect(Object.keys(operation.responses.default?.content ?? {})).toEqual(['application/problem+json']);
      }
    expect(document.components.securitySchemes.apiKey).toMatchObject({ type: 'http', scheme: 'bearer' });
  });

  it.each([
    ['/v1/fleet'],
    ['/v1/fleet/history'],
    ['/v1/fleet/envelope'],
    ['/v1/stations'],
    ['/v1/sessions'],
    ['/v1/sessions/tx-1/signed-values', '/v1/sessions/{transactionId}/signed-values'],
    ['/v1/sites'],
    ['/v1/plans/latest'],
    ['/v1/dispatches'],
    ['/v1/settlements'],
    ['/readyz'],
  ])(
    'tells the truth about %s: the answer fits its schema to the last field',
    async (path, documented = path) => {
      const { ask, useCases } = await apiUnderTest();
      useCases.orders = [dispatchView()];
      const ajv = new Ajv2020({ strict: false, allErrors: true });
      ajvFormats.default(ajv);
      ajv.addSchema({ $id: 'openapi', ...document });
      const schema = document.paths[documented]?.get?.responses['200']?.content['application/json']?.schema;
      const resolved = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/'));
      const { json } = await ask('GET', path);
      const validate = ajv.compile(resolved);
      validate(json);
      expect(validate.errors).toBeNull();
    },
  );
});

describe('the human page', () => {
  it('is served with all it needs, from this host alone', async () => {
    const { app } = await apiUnderTest();
    const page = await app.inject('/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/(src|href)="https?:/);
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'self'/);
    expect(page.headers['content-security-policy']).not.toMatch(/swagger\.io|upgrade-insecure|https:/);
    for (const [, asset] of page.body.matchAll(/(?:src|href)="\.\/([^"]+)"/g))
      expect((await app.inject(`/docs/${asset}`)).statusCode).toBe(200);
  });
});

/** `METHOD /path/{param}` of each route in Fastify's own tree. */
function registeredRoutes(tree: string): string[] {
  const routes: string[] = [];
  const parts: string[] = [];
  for (const line of tree.split('\n')) {
    const match = /^([│ ]*)[└├]── (\S*) ?(?:\((.+)\))?/.exec(line);
    if (!match) continue;
    const depth = (match[1]?.length ?? 0) / 4;
    parts.length = depth;
    parts[depth] = match[2] ?? '';
    const path = parts.join('').replaceAll(/:(\w+)/g, '{$1}');
    for (const method of match[3]?.split(', ') ?? []) if (method !== 'HEAD') routes.push(`${method} ${path}`);
  }
  return routes;
}
