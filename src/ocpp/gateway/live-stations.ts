import type { StationId } from '../../domain/ids.js';
import type { StationSession } from './station-session.js';

/** The stations that are connected now, one live connection each: the newest wins. */
export class LiveStations {
  readonly #sessions = new Map<StationId, StationSession>();
  /** Sockets that are closing and belong to nobody any more. */
  readonly #leaving = new Set<Promise<void>>();

  get count(): number {
    return this.#sessions.size;
  }

  get(stationId: StationId): StationSession | undefined {
    return this.#sessions.get(stationId);
  }

  /** Closes the station's present connection, if any; resolves when its last message is handled. */
  retire(stationId: StationId): Promise<void> {
    const present = this.#sessions.get(stationId);
    if (present === undefined) return Promise.resolve();
    this.#sessions.delete(stationId);
    const { connection } = present;
    const closed = connection.close(1000, 'Replaced by a newer connection');
    this.#track(closed);
    return Promise.race([connection.whenAnswered(), closed]);
  }

  add(session: StationSession): void {
    this.#sessions.set(session.stationId, session);
  }

  /** False when the session was no longer the station's live one. */
  remove(session: StationSession): boolean {
    if (this.#sessions.get(session.stationId) !== session) return false;
    this.#sessions.delete(session.stationId);
    return true;
  }

  async closeAll(code: number, reason: string): Promise<void> {
    for (const { connection } of this.#sessions.values()) this.#track(connection.close(code, reason));
    await Promise.all(this.#leaving);
  }

  #track(closed: Promise<void>): void {
    this.#leaving.add(closed);
    void closed.finally(() => this.#leaving.delete(closed));
  }
}
