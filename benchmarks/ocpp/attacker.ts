import { connect } from 'node:net';
import { constants, setPriority } from 'node:os';
import { WebSocket } from 'ws';
import { FrameFuzzer } from '../../test/support/hostile/fuzz-frames.js';
import { serveParent } from './child.js';
import { connectStation, PASSWORD } from './stations.js';

/** Attacks a gateway on this machine: `frames <count>`, or `connections <count>` until it is stopped. */
const [mode, portText = '0', countText = '0'] = process.argv.slice(2);
const port = Number(portText);
const count = Number(countText);
const SEED = 20_260_122;
let sent = 0;
let opened = 0;
let over = false;

// Hostile stations have processors of their own: here they get what the server and the honest ones leave.
setPriority(constants.priority.PRIORITY_LOW);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Frames that are on their way at once: no more than the other side takes calls in its line. */
const FRAMES_PER_FENCE = 200;
/** After so many frames another station takes over, so that all of them are spoken for. */
const FRAMES_PER_STATION = 2_000;
const HOSTILE_STATIONS = 100;
const SENDERS = 4;

/** Fuzzed frames in the name of one station after another; a connection that is lost is opened again. */
async function sendFrames(fuzzer: FrameFuzzer): Promise<void> {
  while (sent < count) {
    opened += 1;
    const socket = await connectStation(port, `hostile-${opened % HOSTILE_STATIONS}`).catch(() => undefined);
    if (socket === undefined) {
      await pause(100);
      continue;
    }
    for (let left = FRAMES_PER_STATION; left > 0 && sent < count; left -= FRAMES_PER_FENCE) {
      for (let batch = 0; batch < FRAMES_PER_FENCE && sent < count; batch += 1) {
        socket.send(fuzzer.next().message);
        sent += 1;
      }
      if (!(await isHeardOut(socket))) break;
    }
    socket.terminate();
  }
}

/** Whether a call behind all others is answered; false when the connection is gone. */
function isHeardOut(socket: WebSocket): Promise<boolean> {
  const id = `fence-${sent}`;
  return new Promise((resolve) => {
    const look = (data: unknown): void => {
      if (String(data).includes(`"${id}"`)) done(true);
    };
    const lost = (): void => done(false);
    const done = (isHeard: boolean): void => {
      socket.off('message', look);
      socket.off('close', lost);
      resolve(isHeard);
    };
    if (socket.readyState !== WebSocket.OPEN) return resolve(false);
    socket.on('message', look);
    socket.once('close', lost);
    socket.send(JSON.stringify([2, id, 'Heartbeat', {}]));
  });
}

type Attack = (stationId: string) => Promise<void>;

const bare = async (words: string, dripMs = 0): Promise<void> => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  if (dripMs === 0) socket.write(words);
  else
    for (const letter of words) {
      if (socket.destroyed) break;
      socket.write(letter);
      await pause(dripMs);
    }
  await closed;
};
const untilClosed = (socket: WebSocket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.readyState === WebSocket.CLOSED) resolve();
    socket.once('close', () => resolve());
  });
/** As much as the other side takes. */
async function flood(stationId: string, frame: (index: number) => string, read = true): Promise<void> {
  const socket = await connectStation(port, stationId);
  if (!read) socket.pause();
  for (let index = 0; !over && socket.readyState === WebSocket.OPEN; index += 1) {
    socket.send(frame(index));
    sent += 1;
    if (socket.bufferedAmount > 65_536) await pause(20);
    else if (index % 50 === 49) await pause(1);
  }
  socket.terminate();
}
const HUGE = JSON.stringify({
  evseId: 1,
  meterValue: [
    { timestamp: '2026-03-14T18:00:00Z', sampledValue: Array.from({ length: 60_000 }, () => ({ v: 1 })) },
  ],
});

const ATTACKS: readonly Attack[] = [
  () => bare(''),
  () => bare('GET /ocpp/hostile-1 HTTP/1.1\r\nHost: x\r\nX-Slow: yes and slower still\r\n', 1_000),
  () => bare(`\x16\x03\x01${'x'.repeat(500)}`),
  async (stationId) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ocpp/${stationId}`, ['ocpp2.1'], {
      headers: { authorization: `Basic ${Buffer.from(`${stationId}:not-${PASSWORD}`).toString('base64')}` },
    });
    socket.on('error', () => {});
    await untilClosed(socket);
  },
  async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ocpp/nobody-${opened}`, ['ocpp2.1']);
    socket.on('error', () => {});
    await untilClosed(socket);
  },
  (stationId) => flood(stationId, () => 'not json at all'),
  (stationId) => flood(stationId, (index) => JSON.stringify([2, `${index}`, 'Heartbeat', {}])),
  (stationId) => flood(stationId, (index) => `[2,"${index}","MeterValues",${HUGE}]`),
  (stationId) => flood(stationId, (index) => JSON.stringify([2, `${index}`, 'Heartbeat', {}]), false),
  async (stationId) => {
    const socket = await connectStation(port, stationId);
    socket.pause();
    await untilClosed(socket);
  },
];

async function attackFor(index: number): Promise<void> {
  const attack = ATTACKS[index % ATTACKS.length];
  while (!over && attack !== undefined) {
    opened += 1;
    await Promise.race([attack(`hostile-${index}`).catch(() => {}), pause(30_000)]);
    await pause(200);
  }
}

if (mode === 'connections') {
  for (let index = 0; index < count; index += 1) void attackFor(index);
}
serveParent('ready', {
  frames: async () => {
    const fuzzer = new FrameFuzzer(SEED);
    await Promise.all(Array.from({ length: SENDERS }, () => sendFrames(fuzzer)));
    return { sent, opened };
  },
  stop: () => {
    over = true;
    return { sent, opened };
  },
});
