import { readFileSync } from 'node:fs';
import type { StationLink } from '../../../src/ports/station-link.js';

export type Line =
  | { readonly by: 'station' | 'csms'; readonly frame: unknown[] }
  | {
      readonly by: 'engine';
      readonly method: keyof StationLink;
      readonly args: readonly unknown[];
      readonly fails: boolean;
    }
  | { readonly by: 'clock'; readonly atMs: number }
  | { readonly by: 'books'; readonly transactionId: string; readonly expected: object };

export interface Transcript {
  readonly protocol: 'ocpp2.1' | 'ocpp2.0.1';
  /** The station's payloads are not all valid as they are. */
  readonly isMisspelt: boolean;
  readonly lines: readonly Line[];
}

/** Reads a file of test/golden; see the README there. */
export function readTranscript(name: string): Transcript {
  const text = readFileSync(new URL(`../../golden/${name}`, import.meta.url), 'utf8');
  const all = text.split('\n').filter((line) => line !== '');
  const protocol = all[0]?.replace('# protocol ', '');
  if (protocol !== 'ocpp2.1' && protocol !== 'ocpp2.0.1') throw new Error(`${name}: no protocol line`);
  return {
    protocol,
    isMisspelt: all.includes('# spelling repaired'),
    lines: all.filter((line) => !line.startsWith('#')).map(parseLine),
  };
}

function parseLine(line: string): Line {
  const [mark, rest] = [line[0], line.slice(2)];
  if (mark === '>') return { by: 'station', frame: JSON.parse(rest) as unknown[] };
  if (mark === '<') return { by: 'csms', frame: JSON.parse(rest) as unknown[] };
  if (mark === '@') return { by: 'clock', atMs: Date.parse(rest) };
  if (mark === '=') {
    const [transactionId = '', expected = '{}'] = rest.split(/ (.*)/s);
    return { by: 'books', transactionId, expected: JSON.parse(expected) as object };
  }
  if (mark !== '!' && mark !== 'x') throw new Error(`Unknown line: ${line}`);
  const [method = '', args = '[]'] = rest.split(/ (.*)/s);
  return {
    by: 'engine',
    method: method as keyof StationLink,
    args: JSON.parse(args) as unknown[],
    fails: mark === 'x',
  };
}

interface Payload {
  readonly by: 'station' | 'csms';
  readonly kind: 'request' | 'response';
  readonly action: string;
  readonly payload: unknown;
}

/** Every payload of a transcript, with the schema it must pass. */
export function payloadsOf({ lines }: Pick<Transcript, 'lines'>): Payload[] {
  const actions = new Map<unknown, string>();
  return lines.flatMap((line): Payload[] => {
    if (line.by !== 'station' && line.by !== 'csms') return [];
    const [type, id, third, fourth] = line.frame;
    if (type === 2) actions.set(id, String(third));
    if (type === 2) return [{ by: line.by, kind: 'request', action: String(third), payload: fourth }];
    if (type === 3) return [{ by: line.by, kind: 'response', action: actions.get(id)!, payload: third }];
    return [];
  });
}
