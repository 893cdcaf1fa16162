import { useSignal } from '@preact/signals';
import type { Session } from './api-contract.js';
import { SessionRow } from './session-row.js';
import { netKwOf } from './session-words.js';

interface SessionTableProps {
  readonly sessions: ReadonlyMap<string, Session>;
  readonly nowMs: number;
  readonly onOpen: (transactionId: string) => void;
}

type Order = 'evse' | 'power' | 'departure';
const FIRST_ROWS = 50;
const NEVER = Number.POSITIVE_INFINITY;

const BEFORE: Readonly<Record<Order, (left: Session, right: Session) => number>> = {
  evse: (left, right) => left.evseId.localeCompare(right.evseId, 'en', { numeric: true }),
  power: (left, right) => netKwOf(left) - netKwOf(right),
  departure: (left, right) => departureMs(left) - departureMs(right),
};

/** Every car that is plugged in: what it does, what it will do, and why. */
export function SessionTable({ sessions, nowMs, onOpen }: SessionTableProps) {
  const order = useSignal<Order>('evse');
  const sought = useSignal('');
  const rows = useSignal(FIRST_ROWS);
  const active = [...sessions.values()].filter(({ state }) => state === 'active');
  const found = active
    .filter(({ evseId, transactionId }) => `${evseId} ${transactionId}`.toLowerCase().includes(sought.value))
    .sort((left, right) => BEFORE[order.value](left, right) || BEFORE.evse(left, right));

  const sortable = (by: Order, name: string) => (
    <th scope="col" aria-sort={order.value === by ? 'ascending' : 'none'}>
      <button
        type="button"
        onClick={() => {
          order.value = by;
        }}
      >
        {name}
        <span aria-hidden="true">{order.value === by ? ' ↑' : ''}</span>
      </button>
    </th>
  );

  return (
    <section class="card sessions" aria-labelledby="sessions-title">
      <div class="card-head">
        <h2 id="sessions-title">
          Sessions <span class="count">{active.length}</span>
        </h2>
        <label class="search">
          <span class="visually-hidden">Find an EVSE or transaction</span>
          <input
            type="search"
            placeholder="Find an EVSE"
            onInput={(event) => {
              sought.value = event.currentTarget.value.trim().toLowerCase();
            }}
          />
        </label>
      </div>
      {active.length === 0 ? (
        <p class="empty">No car is plugged in. A session appears here when a station reports one.</p>
      ) : (
        // Wide tables scroll by themselves; a region that scrolls must be reachable by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        <section class="scroll" tabIndex={0} aria-label="Table of sessions">
          <table>
            <thead>
              <tr>
                {sortable('evse', 'EVSE')}
                {sortable('power', 'Now')}
                <th scope="col">Stored → target</th>
                {sortable('departure', 'Departure')}
                <th scope="col">Schedule</th>
                <th scope="col">Profile</th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {found.slice(0, rows.value).map((session) => (
                <SessionRow key={session.transactionId} session={session} nowMs={nowMs} onOpen={onOpen} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {found.length > rows.value ? (
        <button
          type="button"
          class="quiet more"
          onClick={() => {
            rows.value += FIRST_ROWS;
          }}
        >
          Show {Math.min(FIRST_ROWS, found.length - rows.value)} more of {found.length}
        </button>
      ) : null}
      {active.length > 0 && found.length === 0 ? (
        <p class="empty">No session fits “{sought.value}”.</p>
      ) : null}
    </section>
  );
}

function departureMs({ departure }: Session): number {
  return departure === null ? NEVER : Date.parse(departure);
}
