import { useEffect, useState } from 'preact/hooks';
import { dateText } from './figures-as-text.js';
import type { Connection } from './live-connection.js';

interface ConnectionBannerProps {
  readonly connection: Connection;
  readonly trouble: string | null;
  readonly fleetAt: string | null;
}

/** Says that what is shown is old, since when, and when the next attempt is due. */
export function ConnectionBanner({ connection, trouble, fleetAt }: ConnectionBannerProps) {
  const now = useSeconds(connection.kind === 'lost');
  if (connection.kind !== 'lost')
    return trouble === null ? null : (
      <p class="banner" role="alert">{`The API refused a look-up: ${trouble}`}</p>
    );
  const waitS = Math.max(0, Math.ceil((connection.retryAtMs - now) / 1000));
  const lostS = Math.max(0, Math.round((now - connection.sinceMs) / 1000));
  return (
    <p class="banner" role="alert">
      <strong>{connection.reason.replace(/\.?$/, '.')}</strong>{' '}
      {fleetAt === null ? 'Nothing was read yet.' : `Below stands what was known at ${dateText(fleetAt)}.`}{' '}
      <span aria-hidden="true">
        {`Lost ${lostS} s ago, ${waitS === 0 ? 'trying again now' : `next attempt in ${waitS} s`}.`}
      </span>
    </p>
  );
}

/** This browser's clock, ticking each second while `isRunning`. */
function useSeconds(isRunning: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isRunning) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}
