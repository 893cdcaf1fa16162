import type { WebSocket } from 'ws';
import type { After } from './timer.js';

/** Silent ping intervals after which the peer counts as gone (OCPP 2.1 Part 4, 5.3 leaves the number open). */
export const SILENT_INTERVALS_ALLOWED = 2;

/**
 * Pings the peer every `intervalMs` and calls `onSilence` once when nothing at all came for
 * {@link SILENT_INTERVALS_ALLOWED} intervals: the half-open connection that TCP does not notice.
 * The result stops it.
 */
export function keepAlive(
  socket: WebSocket,
  options: { readonly intervalMs: number; readonly after: After; readonly onSilence: () => void },
): () => void {
  let silentIntervals = 0;
  let cancel: () => void = () => {};
  const heard = (): void => {
    silentIntervals = 0;
  };
  const tick = (): void => {
    if (silentIntervals >= SILENT_INTERVALS_ALLOWED) {
      options.onSilence();
      return;
    }
    silentIntervals += 1;
    if (socket.readyState === socket.OPEN) socket.ping();
    cancel = options.after(options.intervalMs, tick);
  };
  socket.on('pong', heard);
  socket.on('ping', heard);
  socket.on('message', heard);
  cancel = options.after(options.intervalMs, tick);
  return () => {
    cancel();
    socket.off('pong', heard);
    socket.off('ping', heard);
    socket.off('message', heard);
  };
}
