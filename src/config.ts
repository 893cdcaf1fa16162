import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { EbbflowError, invalidInput } from './domain/errors.js';
import { PRICE_KINDS, type PriceKind } from './domain/price.js';

export const NODE_ROLES = ['gateway', 'planner', 'api'] as const;
export type NodeRole = (typeof NODE_ROLES)[number];

/** All that the environment decides. Read once, frozen; nobody else reads process.env. */
export interface Config {
  readonly httpPort: number;
  readonly ocppPort: number;
  readonly host: string;
  readonly dataDir: string;
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  readonly roles: readonly NodeRole[];
  readonly stationAuth: 'basic' | 'open';
  /** TLS of the station end point; absent: plain `ws`. */
  readonly stationTls?: StationTlsConfig;
  /** Without TLS: which stations may connect; absent: those of this machine. */
  readonly plainWs?: 'loopback' | 'anywhere';
  readonly adminKey?: string;
  readonly planIntervalS: number;
  readonly clockSpeed: number;
  readonly meterIntervalS: number;
  /** Whether verdicts of the meter act, or are only shown. */
  readonly meterDecides: boolean;
  readonly deadManS: number;
  readonly wearPerKwh: number;
  readonly dispatchNoticeS: number;
  readonly priceZone?: string;
  readonly priceKind: PriceKind;
  /** Price feeds to fetch from, read by market/feeds; absent = none. */
  readonly priceFeeds?: string;
  readonly entsoeToken?: string;
  readonly logLevel: string;
}

export interface StationTlsConfig {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile?: string;
  readonly clientCertificates: 'optional' | 'required';
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

const Port = Type.Integer({ minimum: 0, maximum: 65535 });
const Environment = Type.Object({
  EBBFLOW_HTTP_PORT: Type.Optional(Port),
  EBBFLOW_OCPP_PORT: Type.Optional(Port),
  EBBFLOW_HOST: Type.Optional(Type.String({ minLength: 1 })),
  EBBFLOW_DATA_DIR: Type.Optional(Type.String({ minLength: 1 })),
  EBBFLOW_DATABASE_URL: Type.Optional(
    Type.String({
      pattern: '^postgres(ql)?://',
      rule: 'must be a URL like postgres://user:password@host:5432/name',
    }),
  ),
  EBBFLOW_REDIS_URL: Type.Optional(
    Type.String({
      pattern: '^(rediss?|unix)://|^/',
      rule: 'must be a URL like redis://host:6379, or the path of a socket',
    }),
  ),
  EBBFLOW_ROLES: Type.Optional(Type.String()),
  EBBFLOW_STATION_AUTH: Type.Optional(Type.Union([Type.Literal('basic'), Type.Literal('open')])),
  EBBFLOW_OCPP_TLS_CERT_FILE: Type.Optional(Type.String({ minLength: 1 })),
  EBBFLOW_OCPP_TLS_KEY_FILE: Type.Optional(Type.String({ minLength: 1 })),
  EBBFLOW_OCPP_CLIENT_CA_FILE: Type.Optional(Type.String({ minLength: 1 })),
  EBBFLOW_OCPP_CLIENT_CERTIFICATES: Type.Optional(
    Type.Union([Type.Literal('optional'), Type.Literal('required')]),
  ),
  EBBFLOW_OCPP_PLAIN_WS: Type.Optional(Type.Union([Type.Literal('loopback'), Type.Literal('anywhere')])),
  EBBFLOW_ADMIN_KEY: Type.Optional(Type.String({ minLength: 8 })),
  EBBFLOW_PLAN_INTERVAL_S: Type.Optional(Type.Number({ minimum: 1, maximum: 86_400 })),
  EBBFLOW_CLOCK_SPEED: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100_000 })),
  EBBFLOW_METER_INTERVAL_S: Type.Optional(Type.Integer({ minimum: 1, maximum: 3600 })),
  EBBFLOW_METER_DECIDES: Type.Optional(Type.Union([Type.Literal('on'), Type.Literal('off')])),
  EBBFLOW_DEAD_MAN_S: Type.Optional(Type.Integer({ minimum: 60, maximum: 86_400 })),
  EBBFLOW_WEAR_PER_KWH: Type.Optional(Type.Number({ minimum: 0 })),
  EBBFLOW_DISPATCH_NOTICE_S: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
  EBBFLOW_PRICE_ZONE: Type.Optional(Type.String({ minLength: 1, maxLength: 50 })),
  EBBFLOW_PRICE_FEEDS: Type.Optional(Type.String({ minLength: 1 })),
  EBBFLOW_ENTSOE_TOKEN: Type.Optional(Type.String({ minLength: 1 })),
  EBBFLOW_PRICE_KIND: Type.Optional(Type.Union(PRICE_KINDS.map((kind) => Type.Literal(kind)))),
  EBBFLOW_LOG_LEVEL: Type.Optional(
    Type.Union(['debug', 'info', 'warn', 'error', 'silent'].map((level) => Type.Literal(level))),
  ),
});

/** Name of a setting in the environment. */
export type SettingName = keyof Type.Static<typeof Environment>;

/**
 * Environment → configuration. An unknown `EBBFLOW_` name or a bad value is INVALID_INPUT that names the
 * variable; an empty value counts as absent.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('EBBFLOW_') || value === undefined || value === '') continue;
    if (!(name in Environment.properties)) throw invalidInput(name, 'is not a setting of Ebbflow');
    given[name] = isNumeric(name) ? Number(value) : value;
  }
  const [fault] = Value.Errors(Environment, given);
  if (fault !== undefined) {
    const name = fault.instancePath.slice(1);
    throw invalidInput(name, ruleOf(name) ?? fault.message);
  }
  const settings = given as Type.Static<typeof Environment>;
  const host = settings.EBBFLOW_HOST ?? '127.0.0.1';
  if (settings.EBBFLOW_STATION_AUTH === 'open' && !LOOPBACK.test(host)) {
    throw invalidInput(
      'EBBFLOW_STATION_AUTH',
      `open takes any station and only serves this machine, not ${host}`,
    );
  }
  const stationTls = readStationTls(settings);
  return Object.freeze({
    httpPort: settings.EBBFLOW_HTTP_PORT ?? 8080,
    ocppPort: settings.EBBFLOW_OCPP_PORT ?? 9220,
    host,
    dataDir: settings.EBBFLOW_DATA_DIR ?? './data',
    roles: readRoles(settings.EBBFLOW_ROLES),
    stationAuth: settings.EBBFLOW_STATION_AUTH ?? 'basic',
    planIntervalS: settings.EBBFLOW_PLAN_INTERVAL_S ?? 300,
    clockSpeed: settings.EBBFLOW_CLOCK_SPEED ?? 1,
    meterIntervalS: settings.EBBFLOW_METER_INTERVAL_S ?? 60,
    meterDecides: settings.EBBFLOW_METER_DECIDES !== 'off',
    deadManS: settings.EBBFLOW_DEAD_MAN_S ?? 900,
    wearPerKwh: settings.EBBFLOW_WEAR_PER_KWH ?? 0.03,
    dispatchNoticeS: settings.EBBFLOW_DISPATCH_NOTICE_S ?? 0,
    priceKind: (settings.EBBFLOW_PRICE_KIND as PriceKind | undefined) ?? 'day-ahead',
    logLevel: settings.EBBFLOW_LOG_LEVEL ?? 'info',
    ...(settings.EBBFLOW_OCPP_PLAIN_WS === undefined ? {} : { plainWs: settings.EBBFLOW_OCPP_PLAIN_WS }),
    ...(stationTls === undefined ? {} : { stationTls }),
    ...(settings.EBBFLOW_DATABASE_URL === undefined ? {} : { databaseUrl: settings.EBBFLOW_DATABASE_URL }),
    ...(settings.EBBFLOW_REDIS_URL === undefined ? {} : { redisUrl: settings.EBBFLOW_REDIS_URL }),
    ...(settings.EBBFLOW_PRICE_ZONE === undefined ? {} : { priceZone: settings.EBBFLOW_PRICE_ZONE }),
    ...(settings.EBBFLOW_PRICE_FEEDS === undefined ? {} : { priceFeeds: settings.EBBFLOW_PRICE_FEEDS }),
    ...(settings.EBBFLOW_ENTSOE_TOKEN === undefined ? {} : { entsoeToken: settings.EBBFLOW_ENTSOE_TOKEN }),
    ...(settings.EBBFLOW_ADMIN_KEY === undefined ? {} : { adminKey: settings.EBBFLOW_ADMIN_KEY }),
  });
}

/** Certificate and key come together; a CA of the stations needs both. */
function readStationTls(settings: Type.Static<typeof Environment>): StationTlsConfig | undefined {
  const {
    EBBFLOW_OCPP_TLS_CERT_FILE: certFile,
    EBBFLOW_OCPP_TLS_KEY_FILE: keyFile,
    EBBFLOW_OCPP_CLIENT_CA_FILE: clientCaFile,
    EBBFLOW_OCPP_CLIENT_CERTIFICATES: clientCertificates,
  } = settings;
  if (clientCertificates !== undefined && clientCaFile === undefined) {
    throw invalidInput('EBBFLOW_OCPP_CLIENT_CERTIFICATES', 'needs EBBFLOW_OCPP_CLIENT_CA_FILE');
  }
  if (certFile === undefined && keyFile === undefined) {
    if (clientCaFile === undefined) return undefined;
    throw invalidInput('EBBFLOW_OCPP_CLIENT_CA_FILE', 'needs EBBFLOW_OCPP_TLS_CERT_FILE');
  }
  if (certFile === undefined)
    throw invalidInput('EBBFLOW_OCPP_TLS_KEY_FILE', 'needs EBBFLOW_OCPP_TLS_CERT_FILE');
  if (keyFile === undefined)
    throw invalidInput('EBBFLOW_OCPP_TLS_CERT_FILE', 'needs EBBFLOW_OCPP_TLS_KEY_FILE');
  return {
    certFile,
    keyFile,
    clientCertificates: clientCertificates ?? 'optional',
    ...(clientCaFile === undefined ? {} : { clientCaFile }),
  };
}

/** Holds what an option of the command line says to the rule of the setting `name`; faults name the option. */
export function checkSetting(name: string, value: string, option: string): void {
  try {
    readConfig({ [name]: value });
  } catch (error) {
    throw error instanceof EbbflowError
      ? invalidInput(option, error.faults[0]?.message ?? error.message)
      : error;
  }
}

/** What a setting must be, where the schema's own words would not help. */
function ruleOf(name: string): string | undefined {
  const schema: object | undefined = Environment.properties[name as keyof typeof Environment.properties];
  if (schema === undefined) return undefined;
  if ('rule' in schema) return String(schema.rule);
  if (!('anyOf' in schema)) return undefined;
  return `must be one of ${(schema.anyOf as { const: string }[]).map((choice) => choice.const).join(', ')}`;
}

function isNumeric(name: string): boolean {
  const schema: object | undefined = Environment.properties[name as keyof typeof Environment.properties];
  return schema !== undefined && 'type' in schema && (schema.type === 'integer' || schema.type === 'number');
}

function readRoles(text: string | undefined): readonly NodeRole[] {
  if (text === undefined || text === 'all') return NODE_ROLES;
  const names = text.split(',').map((name) => name.trim());
  return names.map((name) => {
    const role = NODE_ROLES.find((known) => known === name);
    if (role === undefined)
      throw invalidInput('EBBFLOW_ROLES', `${name} is not one of ${NODE_ROLES.join(', ')}`);
    return role;
  });
}
