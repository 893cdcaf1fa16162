import { describe, expect, it } from 'vitest';
import { type Frame, formatFrame, parseFrame } from '../../../src/ocpp/wire/frame.js';

const FRAMES: [string, Frame][] = [
  ['[2,"a-1","Heartbeat",{}]', { kind: 'call', id: 'a-1', action: 'Heartbeat', payload: {} }],
  ['[3,"a-1",{"currentTime":"t"}]', { kind: 'result', id: 'a-1', payload: { currentTime: 't' } }],
  [
    '[4,"a-1","GenericError","no",{"x":1}]',
    { kind: 'error', id: 'a-1', code: 'GenericError', description: 'no', details: { x: 1 } },
  ],
  [
    '[5,"a-1","FormatViolation","bad",{}]',
    { kind: 'resultError', id: 'a-1', code: 'FormatViolation', description: 'bad', details: {} },
  ],
  [
    '[6,"a-1","NotifyPeriodicEventStream",{"id":3}]',
    { kind: 'send', id: 'a-1', action: 'NotifyPeriodicEventStream', payload: { id: 3 } },
  ],
];

describe('OCPP-J frames', () => {
  it.each(FRAMES)('reads and writes %s', (text, frame) => {
    expect(parseFrame(text)).toEqual(frame);
    expect(formatFrame(frame)).toBe(text);
  });

  it.each([
    ['{oops', { fault: 'not-json' }],
    ['{"a":1}', { fault: 'not-an-array' }],
    ['[]', { fault: 'type-missing' }],
    ['["2","a","Heartbeat",{}]', { fault: 'type-missing' }],
    ['[2]', { fault: 'id-unreadable', type: 2 }],
    ['[2,17,"Heartbeat",{}]', { fault: 'id-unreadable', type: 2 }],
    ['[2,"","Heartbeat",{}]', { fault: 'id-unreadable', type: 2 }],
    [`[2,"${'x'.repeat(37)}","Heartbeat",{}]`, { fault: 'id-too-long', type: 2 }],
    ['[2,"a",{}]', { fault: 'action-missing', type: 2, id: 'a' }],
    ['[2,"a","Heartbeat"]', { fault: 'payload-missing', type: 2, id: 'a' }],
    ['[2,"a","Heartbeat",[]]', { fault: 'payload-missing', type: 2, id: 'a' }],
    ['[3,"a",null]', { fault: 'payload-missing', type: 3, id: 'a' }],
    ['[4,"a"]', { fault: 'code-missing', type: 4, id: 'a' }],
  ])('says precisely what is wrong with %s', (text, expected) => {
    expect(parseFrame(text)).toEqual({ kind: 'malformed', ...expected });
  });

  it.each([1, 7, 2.5, -2])('tells type %d, which nobody defined, from a malformed frame', (type) => {
    expect(parseFrame(JSON.stringify([type, 'a', {}]))).toEqual({ kind: 'unknown-type', type });
  });

  it('takes an error without description or details', () => {
    expect(parseFrame('[4,"a","NotSupported"]')).toEqual({
      kind: 'error',
      id: 'a',
      code: 'NotSupported',
      description: '',
      details: {},
    });
  });

  it('cuts an error description to the 255 characters of the standard', () => {
    const text = formatFrame({
      kind: 'error',
      id: 'a',
      code: 'GenericError',
      description: 'x'.repeat(300),
      details: {},
    });
    expect((JSON.parse(text) as string[])[3]).toHaveLength(255);
  });

  it('accepts an id of exactly 36 characters', () => {
    expect(parseFrame(`[2,"${'x'.repeat(36)}","Heartbeat",{}]`).kind).toBe('call');
  });
});
