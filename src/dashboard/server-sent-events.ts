export interface ServerSentEvent {
  readonly name: string;
  readonly data: string;
}

/**
 * Reads `text/event-stream` piece by piece (WHATWG HTML 9.2.6), in the part that the API uses: `event`, `data`
 * and comments. EventSource cannot send an Authorization header, so the stream comes through fetch.
 */
export function createEventParser(onEvent: (event: ServerSentEvent) => void): (piece: string) => void {
  let rest = '';
  let name = '';
  let data: string[] = [];

  function readLine(line: string): void {
    if (line === '') {
      if (data.length > 0) onEvent({ name: name || 'message', data: data.join('\n') });
      name = '';
      data = [];
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') name = value;
    if (field === 'data') data.push(value);
  }

  return (piece) => {
    const lines = (rest + piece).split(/\r\n|\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) readLine(line);
  };
}
