import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { AlarmList } from './alarm-list.js';
import { ConnectionBanner } from './connection-banner.js';
import { DispatchList } from './dispatch-list.js';
import { FleetChart } from './fleet-chart.js';
import { FleetFigures } from './fleet-figures.js';
import type { LiveState } from './live-state.js';
import { PageHeader } from './page-header.js';
import { PlanCard } from './plan-card.js';
import { SessionDetail } from './session-detail.js';
import { SessionTable } from './session-table.js';
import { TideGauge } from './tide-gauge.js';

interface FleetPageProps {
  readonly live: LiveState;
  readonly onSignOut: () => void;
}

/** The whole page: now, the day, the cars, the orders. */
export function FleetPage({ live, onSignOut }: FleetPageProps) {
  const opened = useSignal<string | null>(null);
  const fleet = live.fleet.value;
  const nowMs = fleet ? Date.parse(fleet.at) : Date.now();
  const isStale = live.connection.value.kind === 'lost';
  useEffect(() => {
    document.title = fleet ? `${Math.round(fleet.netKw)} kW · Ebbflow` : 'Ebbflow';
  }, [fleet]);

  return (
    <>
      <PageHeader fleet={fleet} connection={live.connection.value} onSignOut={onSignOut} />
      <ConnectionBanner
        connection={live.connection.value}
        trouble={live.trouble.value}
        fleetAt={fleet?.at ?? null}
      />
      <main class={isStale ? 'page stale' : 'page'} aria-busy={fleet === null}>
        <section class="now" aria-label="The fleet now">
          <TideGauge fleet={fleet} />
          <PlanCard plan={live.plan.value} nowMs={nowMs} />
        </section>
        <FleetFigures fleet={fleet} />
        <FleetChart live={live} />
        <SessionTable
          sessions={live.sessions.value}
          nowMs={nowMs}
          onOpen={(transactionId) => {
            opened.value = transactionId;
          }}
        />
        <div class="pair">
          <DispatchList dispatches={live.dispatches.value} nowMs={nowMs} />
          <AlarmList alarms={live.alarms.value} nowMs={nowMs} />
        </div>
      </main>
      <SessionDetail
        session={opened.value === null ? null : (live.sessions.value.get(opened.value) ?? null)}
        nowMs={nowMs}
        onClose={() => {
          opened.value = null;
        }}
      />
    </>
  );
}
