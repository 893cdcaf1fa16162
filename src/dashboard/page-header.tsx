import type { Fleet } from './api-contract.js';
import { dateText } from './figures-as-text.js';
import type { Connection } from './live-connection.js';
import { ThemeSwitch } from './theme-switch.js';
import { Wordmark } from './wordmark.js';

interface PageHeaderProps {
  readonly fleet: Fleet | null;
  readonly connection: Connection;
  readonly onSignOut: () => void;
}

const CONNECTION_TEXT = { connecting: 'Connecting', live: 'Live', lost: 'Not live' } as const;

export function PageHeader({ fleet, connection, onSignOut }: PageHeaderProps) {
  return (
    <header class="page-header">
      <h1>
        <Wordmark />
      </h1>
      <p class="fleet-time">{fleet ? <time dateTime={fleet.at}>{dateText(fleet.at)}</time> : null}</p>
      <p class={`badge connection-${connection.kind}`} role="status">
        <span class="dot" aria-hidden="true" />
        {CONNECTION_TEXT[connection.kind]}
      </p>
      <ThemeSwitch />
      <a class="quiet" href="/docs">
        API
      </a>
      <button type="button" class="quiet" onClick={onSignOut}>
        Sign out
      </button>
    </header>
  );
}
