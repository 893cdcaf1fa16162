import { describe, expect, it } from 'vitest';
import { asStationId } from '../../../src/domain/ids.js';
import { parseStationPath, stationUrl } from '../../../src/ocpp/wire/station-url.js';

describe('station URLs', () => {
  it('reads the identity after /ocpp/, percent-decoded, without the query', () => {
    expect(parseStationPath('/ocpp/HX22-000714')).toEqual({ found: true, stationId: 'HX22-000714' });
    expect(parseStationPath('/ocpp/A%7CB%40c?v=2.1')).toEqual({ found: true, stationId: 'A|B@c' });
  });

  it.each([
    ['/', 'other-path'],
    ['/ocpp', 'other-path'],
    ['/ocpp/', 'other-path'],
    ['/ocpp/a/b', 'other-path'],
    ['/other/a', 'other-path'],
    ['/ocpp/%E0%A4%A', 'bad-encoding'],
    ['/ocpp/a%3Ab', 'bad-identity'],
    ['/ocpp/a%2Fb', 'bad-identity'],
    [`/ocpp/${'x'.repeat(49)}`, 'bad-identity'],
  ])('finds no station at %s: %s', (target, fault) => {
    expect(parseStationPath(target)).toEqual({ found: false, fault });
  });

  it('appends the encoded identity to the end point, and reads it back', () => {
    const stationId = asStationId('A|B@c');
    const url = stationUrl('ws://127.0.0.1:9220/ocpp/', stationId);
    expect(url).toBe('ws://127.0.0.1:9220/ocpp/A%7CB%40c');
    expect(parseStationPath(new URL(url).pathname)).toEqual({ found: true, stationId });
    expect(stationUrl('ws://127.0.0.1:9220', stationId)).toBe(url);
  });
});
