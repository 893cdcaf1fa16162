import { describe, expect, it } from 'vitest';
import { createEventParser, type ServerSentEvent } from '../../src/dashboard/server-sent-events.js';

function parsed(...pieces: string[]): ServerSentEvent[] {
  const events: ServerSentEvent[] = [];
  const parse = createEventParser((event) => events.push(event));
  for (const piece of pieces) parse(piece);
  return events;
}

describe('the event stream reader', () => {
  it('gives the same events wherever the network cuts the text', () => {
    const text = 'event: fleet\ndata: {"a":1}\n\n: heartbeat\n\nevent: alarm\r\ndata: x\r\ndata: y\r\n\r\n';
    const expected = [
      { name: 'fleet', data: '{"a":1}' },
      { name: 'alarm', data: 'x\ny' },
    ];
    for (let cut = 0; cut <= text.length; cut++)
      expect(parsed(text.slice(0, cut), text.slice(cut))).toEqual(expected);
    expect(parsed(...text)).toEqual(expected);
  });

  it('passes comments, unknown fields and events without data by', () => {
    expect(parsed(': hello\nretry: 5\nid: 7\nevent: empty\n\ndata\n\n')).toEqual([
      { name: 'message', data: '' },
    ]);
  });

  it('keeps an event back until it is complete', () => {
    expect(parsed('event: fleet\ndata: {}\n')).toEqual([]);
  });
});
