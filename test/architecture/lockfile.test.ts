import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { completed, type LockFile, missingEntries, platformOf } from '../../scripts/complete-lockfile.mjs';
import { ROOT } from './source-files.js';

const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
const lock = JSON.parse(text) as LockFile;
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

describe('package-lock.json', () => {
  it('holds the optional packages of every platform, so that `npm ci` takes it (else: npm run lock:complete)', () => {
    expect(missingEntries(lock).map(({ location }) => location)).toEqual([]);
  });

  it('names no host: packages come from whatever registry the reader uses', () => {
    expect(text.match(/"resolved"|https?:\/\/\S+\.tgz/g) ?? []).toEqual([]);
  });

  it('asks for the versions that package.json pins, each of them exact', () => {
    const pinned = { ...manifest.dependencies, ...manifest.devDependencies };
    const root = lock.packages[''];
    expect({ ...root?.dependencies, ...root?.devDependencies }).toEqual(pinned);
    expect(
      Object.entries(pinned).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    ).toEqual([]);
  });
});

describe('completing a lock file', () => {
  const incomplete: LockFile = {
    packages: {
      '': {},
      'node_modules/tool': {
        version: '2.0.0',
        integrity: 'sha512-x',
        dev: true,
        optionalDependencies: {
          '@tool/linux-x64-musl': '2.0.0',
          '@tool/darwin-arm64': '2.0.0',
          '@tool/win32-x64': '2.0.0',
        },
      },
      'node_modules/@tool/win32-x64': { version: '2.0.0', integrity: 'sha512-y' },
    },
  };

  it('adds what is missing with version, platform and the marks that npm reads, and no more', () => {
    expect(missingEntries(incomplete)).toEqual([
      {
        location: 'node_modules/@tool/linux-x64-musl',
        entry: { version: '2.0.0', os: ['linux'], cpu: ['x64'], libc: ['musl'], optional: true, dev: true },
      },
      {
        location: 'node_modules/@tool/darwin-arm64',
        entry: { version: '2.0.0', os: ['darwin'], cpu: ['arm64'], optional: true, dev: true },
      },
    ]);
    const result = completed(incomplete, missingEntries(incomplete));
    expect(missingEntries(result)).toEqual([]);
    expect(Object.keys(result.packages)).toEqual([
      '',
      'node_modules/@tool/darwin-arm64',
      'node_modules/@tool/linux-x64-musl',
      'node_modules/@tool/win32-x64',
      'node_modules/tool',
    ]);
  });

  it('finds a nested package where Node would find it', () => {
    const nested: LockFile = {
      packages: {
        '': {},
        'node_modules/a/node_modules/tool': {
          version: '1.0.0',
          optionalDependencies: { '@tool/linux-x64': '1.0.0' },
        },
        'node_modules/a/node_modules/@tool/linux-x64': { version: '1.0.0', integrity: 'sha512-z' },
      },
    };
    expect(missingEntries(nested)).toEqual([]);
  });

  it('replaces an entry it made for an older version', () => {
    const outdated = completed(incomplete, missingEntries(incomplete));
    const tool = outdated.packages['node_modules/tool']!;
    const upgraded: LockFile = {
      packages: {
        ...outdated.packages,
        'node_modules/tool': { ...tool, optionalDependencies: { '@tool/darwin-arm64': '2.1.0' } },
      },
    };
    expect(missingEntries(upgraded)).toMatchObject([{ entry: { version: '2.1.0' } }]);
  });

  it('refuses a package whose name tells no platform, rather than guess', () => {
    const odd: LockFile = {
      packages: { 'node_modules/tool': { version: '1.0.0', optionalDependencies: { speedup: '1.0.0' } } },
    };
    expect(() => missingEntries(odd)).toThrow(
      'node_modules/tool: cannot complete optional dependency speedup@1.0.0',
    );
    expect(platformOf('@oxc-parser/binding-linux-arm-gnueabihf')).toEqual({
      os: ['linux'],
      cpu: ['arm'],
      libc: ['glibc'],
    });
  });
});
