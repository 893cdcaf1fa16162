import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the container files', () => {
  it('show metrics that the engine has', () => {
    const dashboard = read('docker/grafana/dashboards/ebbflow-fleet.json');
    const registry = read('src/api/metrics-registry.ts');
    const asked = new Set(dashboard.match(/\bebbflow_\w+/g));
    const unknown = [...asked].filter((metric) => {
      const name = metric.replace(/^ebbflow_/, '').replace(/_bucket$/, '');
      return !new RegExp(`\\b${name}\\b`).test(registry);
    });
    expect(asked.size).toBeGreaterThan(10);
    expect(unknown).toEqual([]);
  });

  it('set only what the engine knows', () => {
    const settings = (read('docker/Dockerfile') + read('docker/compose.yaml')).matchAll(
      /^\s*(?:ENV )?(EBBFLOW_\w+)[=:]\s*([^\s\\]+)/gm,
    );
    const environment = Object.fromEntries(
      [...settings].map(([, name, value]) => [name, String(value).replace(/\$\{[^}]*\}?/, 'a-long-secret')]),
    );
    expect(Object.keys(environment).sort()).toEqual([
      'EBBFLOW_ADMIN_KEY',
      'EBBFLOW_DATABASE_URL',
      'EBBFLOW_DATA_DIR',
      'EBBFLOW_HOST',
      'EBBFLOW_OCPP_PLAIN_WS',
      'EBBFLOW_REDIS_URL',
    ]);
    expect(readConfig(environment)).toMatchObject({ host: '0.0.0.0', redisUrl: 'redis://redis:6379' });
  });

  it('listen where the engine listens by default', () => {
    const { httpPort, ocppPort } = readConfig({});
    expect(read('docker/Dockerfile')).toContain(`EXPOSE ${httpPort} ${ocppPort}`);
    expect(read('docker/prometheus/prometheus.yaml')).toContain(`engine:${httpPort}`);
  });
});
