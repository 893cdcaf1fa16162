import { describe, expect, it } from 'vitest';
import { checkSetting, readConfig } from '../src/config.js';

const PATH_ONLY = { PATH: '/bin', HOME: '/root' };

describe('the configuration', () => {
  it('needs nothing: every setting has its documented default', () => {
    expect(readConfig(PATH_ONLY)).toEqual({
      httpPort: 8080,
      ocppPort: 9220,
      host: '127.0.0.1',
      dataDir: './data',
      roles: ['gateway', 'planner', 'api'],
      stationAuth: 'basic',
      planIntervalS: 300,
      clockSpeed: 1,
      priceKind: 'day-ahead',
      dispatchNoticeS: 0,
      meterIntervalS: 60,
      meterDecides: true,
      deadManS: 900,
      wearPerKwh: 0.03,
      logLevel: 'info',
    });
  });

  it('takes what is set, as what it is', () => {
    expect(
      readConfig({
        EBBFLOW_HTTP_PORT: '0',
        EBBFLOW_OCPP_PORT: '9999',
        EBBFLOW_DATABASE_URL: 'postgresql://ebb@db/ebb',
        EBBFLOW_REDIS_URL: 'redis://cache:6379',
        EBBFLOW_ROLES: 'api, planner',
        EBBFLOW_STATION_AUTH: 'open',
        EBBFLOW_ADMIN_KEY: 'long-enough',
        EBBFLOW_CLOCK_SPEED: '0.5',
      }),
    ).toMatchObject({
      httpPort: 0,
      ocppPort: 9999,
      databaseUrl: 'postgresql://ebb@db/ebb',
      redisUrl: 'redis://cache:6379',
      roles: ['api', 'planner'],
      stationAuth: 'open',
      adminKey: 'long-enough',
      clockSpeed: 0.5,
    });
  });

  it('takes TLS files of the station end point together', () => {
    const files = { EBBFLOW_OCPP_TLS_CERT_FILE: 'cert.pem', EBBFLOW_OCPP_TLS_KEY_FILE: 'key.pem' };
    expect(readConfig({ ...files, EBBFLOW_OCPP_PLAIN_WS: 'anywhere' })).toMatchObject({
      stationTls: { certFile: 'cert.pem', keyFile: 'key.pem', clientCertificates: 'optional' },
      plainWs: 'anywhere',
    });
    const required = { EBBFLOW_OCPP_CLIENT_CA_FILE: 'ca.pem', EBBFLOW_OCPP_CLIENT_CERTIFICATES: 'required' };
    expect(readConfig({ ...files, ...required }).stationTls).toEqual({
      certFile: 'cert.pem',
      keyFile: 'key.pem',
      clientCaFile: 'ca.pem',
      clientCertificates: 'required',
    });
    for (const name of Object.keys(files)) {
      expect(() => readConfig({ [name]: 'one.pem' })).toThrow(name);
    }
    expect(() => readConfig({ EBBFLOW_OCPP_CLIENT_CA_FILE: 'ca.pem' })).toThrow(
      'EBBFLOW_OCPP_CLIENT_CA_FILE',
    );
    expect(() => readConfig({ ...files, EBBFLOW_OCPP_CLIENT_CERTIFICATES: 'required' })).toThrow(
      'EBBFLOW_OCPP_CLIENT_CERTIFICATES',
    );
  });

  it('counts an empty value as absent', () => {
    expect(readConfig({ EBBFLOW_HTTP_PORT: '', EBBFLOW_ADMIN_KEY: '' })).toEqual(readConfig({}));
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });

  it.each([
    ['EBBFLOW_HTTP_PORT', 'eighty'],
    ['EBBFLOW_HTTP_PORT', '70000'],
    ['EBBFLOW_OCPP_PORT', '-1'],
    ['EBBFLOW_OCPP_PORT', '80.5'],
    ['EBBFLOW_DATABASE_URL', 'mysql://x'],
    ['EBBFLOW_REDIS_URL', 'http://x'],
    ['EBBFLOW_ROLES', 'api,cook'],
    ['EBBFLOW_ROLES', 'api,'],
    ['EBBFLOW_STATION_AUTH', 'none'],
    ['EBBFLOW_ADMIN_KEY', 'short'],
    ['EBBFLOW_PLAN_INTERVAL_S', '0'],
    ['EBBFLOW_PLAN_INTERVAL_S', 'NaN'],
    ['EBBFLOW_CLOCK_SPEED', '0'],
    ['EBBFLOW_CLOCK_SPEED', '-1'],
    ['EBBFLOW_METER_INTERVAL_S', '0'],
    ['EBBFLOW_DEAD_MAN_S', '59'],
    ['EBBFLOW_WEAR_PER_KWH', '-0.01'],
    ['EBBFLOW_LOG_LEVEL', 'loud'],
    ['EBBFLOW_HTPP_PORT', '8080'],
  ])('refuses %s=%s and names the variable', (name, value) => {
    expect(() => readConfig({ ...PATH_ONLY, [name]: value })).toThrowError(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        message: expect.stringContaining(name),
        faults: [expect.objectContaining({ path: name })],
      }),
    );
  });

  it('says what a setting may be', () => {
    expect(() => readConfig({ EBBFLOW_STATION_AUTH: 'none' })).toThrow('must be one of basic, open');
    expect(() => readConfig({ EBBFLOW_LOG_LEVEL: 'loud' })).toThrow(
      'one of debug, info, warn, error, silent',
    );
    expect(() => readConfig({ EBBFLOW_DATABASE_URL: 'db' })).toThrow('a URL like postgres://');
    expect(() => checkSetting('EBBFLOW_REDIS_URL', 'cache', '--redis')).toThrow(
      '--redis: must be a URL like redis://',
    );
    expect(() => checkSetting('EBBFLOW_REDIS_URL', 'redis://cache', '--redis')).not.toThrow();
  });
});
