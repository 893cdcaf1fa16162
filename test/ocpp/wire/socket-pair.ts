import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** Both ends of one real WebSocket on a free port of the loopback. */
export async function openSocketPair(): Promise<{
  csms: WebSocket;
  station: WebSocket;
  close: () => Promise<void>;
}> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const station = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  const [[csms]] = (await Promise.all([once(server, 'connection'), once(station, 'open')])) as [
    [WebSocket],
    unknown,
  ];
  return {
    csms,
    station,
    close: async () => {
      station.terminate();
      csms.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The next text message, parsed. */
export async function nextMessage(socket: WebSocket): Promise<unknown> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return JSON.parse(data.toString());
}
