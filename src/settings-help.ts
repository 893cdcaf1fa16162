import type { SettingName } from './config.js';

/** What each setting does, for a person; the README has the same table. */
export const SETTINGS_HELP: Readonly<Record<SettingName, { byDefault: string; meaning: string }>> = {
  EBBFLOW_HTTP_PORT: { byDefault: '8080', meaning: 'port of the API and the page' },
  EBBFLOW_OCPP_PORT: { byDefault: '9220', meaning: 'port of the stations' },
  EBBFLOW_HOST: { byDefault: '127.0.0.1', meaning: 'address to listen on' },
  EBBFLOW_DATA_DIR: { byDefault: './data', meaning: 'embedded store' },
  EBBFLOW_DATABASE_URL: { byDefault: 'none: embedded', meaning: 'PostgreSQL 15 or newer' },
  EBBFLOW_REDIS_URL: {
    byDefault: 'none: the queue lives in the store',
    meaning: 'Redis 6.2 or newer (maxmemory-policy noeviction)',
  },
  EBBFLOW_STATION_AUTH: {
    byDefault: 'basic',
    meaning: 'basic, or open (loopback only: any station may connect)',
  },
  EBBFLOW_OCPP_TLS_CERT_FILE: {
    byDefault: 'none: ws',
    meaning:
      'PEM certificate chain and key: stations connect by wss (security profile 2); read again on SIGHUP',
  },
  EBBFLOW_OCPP_TLS_KEY_FILE: {
    byDefault: 'none: ws',
    meaning:
      'PEM certificate chain and key: stations connect by wss (security profile 2); read again on SIGHUP',
  },
  EBBFLOW_OCPP_CLIENT_CA_FILE: {
    byDefault: 'none',
    meaning: 'PEM CA of station certificates (security profile 3)',
  },
  EBBFLOW_OCPP_CLIENT_CERTIFICATES: {
    byDefault: 'optional',
    meaning: 'optional: a station without certificate may use its password; required',
  },
  EBBFLOW_OCPP_PLAIN_WS: {
    byDefault: 'loopback',
    meaning: 'without TLS: loopback takes stations of this machine (a TLS proxy beside it too), anywhere all',
  },
  EBBFLOW_ADMIN_KEY: { byDefault: 'none', meaning: 'bootstrap API key with the role admin' },
  EBBFLOW_PLAN_INTERVAL_S: {
    byDefault: '300',
    meaning: 'beat of planning, at most a third of the dead-man time; changes are planned at once',
  },
  EBBFLOW_METER_DECIDES: {
    byDefault: 'on',
    meaning: 'on: verdicts of the meter demote dialects and limit what is planned; off: they are shown only',
  },
  EBBFLOW_METER_INTERVAL_S: { byDefault: '60', meaning: 'meter readings that stations are asked for' },
  EBBFLOW_DEAD_MAN_S: { byDefault: '900', meaning: 'a discharge ends so long after we were last heard of' },
  EBBFLOW_WEAR_PER_KWH: {
    byDefault: '0.03',
    meaning: "battery wear per kWh discharged, in the prices' currency",
  },
  EBBFLOW_DISPATCH_NOTICE_S: {
    byDefault: '0',
    meaning: "least time from a dispatch order's arrival to its start",
  },
  EBBFLOW_PRICE_ZONE: { byDefault: 'the first zone heard of', meaning: 'bidding zone that plans use' },
  EBBFLOW_PRICE_FEEDS: {
    byDefault: 'none',
    meaning: 'price services to fetch from, e.g. energy-charts:DE-LU',
  },
  EBBFLOW_ENTSOE_TOKEN: { byDefault: 'none', meaning: 'security token for entsoe feeds' },
  EBBFLOW_PRICE_KIND: {
    byDefault: 'day-ahead',
    meaning: 'market whose prices plans use: day-ahead, intraday or imbalance',
  },
  EBBFLOW_CLOCK_SPEED: { byDefault: '1', meaning: "trials: the engine's time runs so many times as fast" },
  EBBFLOW_ROLES: {
    byDefault: 'all',
    meaning:
      'some of gateway,planner,api, to split the engine over processes that share Redis and PostgreSQL',
  },
  EBBFLOW_LOG_LEVEL: { byDefault: 'info', meaning: 'debug, info, warn, error, silent' },
};

/** The settings as text for a terminal, one paragraph each. */
export function settingsText(): string {
  const entries = Object.entries(SETTINGS_HELP).map(
    ([name, { byDefault, meaning }]) => `  ${name} (${byDefault})\n      ${meaning}`,
  );
  return `\nSettings in the environment (default):\n${entries.join('\n')}\n`;
}
