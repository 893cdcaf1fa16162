import type { ComponentChildren } from 'preact';
import type { Fleet } from './api-contract.js';
import { figure, priceText } from './figures-as-text.js';

/** The standing figures of the fleet; totals of import and export side by side, never netted. */
export function FleetFigures({ fleet }: { readonly fleet: Fleet | null }) {
  const perKwh = fleet?.currency ? `, ${fleet.currency}/kWh` : '';
  return (
    <dl class="figures" aria-label="Fleet figures">
      <Figure name="Stations online" testId="stations">
        {fleet ? fleet.stationsOnline : '–'} <small>of {fleet?.stationsKnown ?? '–'}</small>
      </Figure>
      <Figure name="Sessions" testId="sessions">
        {fleet?.sessionsActive ?? '–'}
      </Figure>
      <Figure name="Stored above floor" testId="stored">
        {figure(fleet?.storedKwh ?? null)} <small>kWh</small>
      </Figure>
      <Figure name="Imported, ever" testId="import-total" tone="import">
        {figure(fleet?.importKwhTotal ?? null)} <small>kWh</small>
      </Figure>
      <Figure name="Exported, ever" testId="export-total" tone="export">
        {figure(fleet?.exportKwhTotal ?? null)} <small>kWh</small>
      </Figure>
      <Figure name={`Price in / out${perKwh}`} testId="price" tone="price">
        {priceText(fleet?.importPerKwh ?? null)} / {priceText(fleet?.exportPerKwh ?? null)}
      </Figure>
    </dl>
  );
}

interface FigureProps {
  readonly name: string;
  readonly testId: string;
  readonly tone?: 'import' | 'export' | 'price';
  readonly children: ComponentChildren;
}

function Figure({ name, testId, tone, children }: FigureProps) {
  return (
    <div class={tone ? `figure tone-${tone}` : 'figure'}>
      <dt>{name}</dt>
      <dd data-testid={testId}>{children}</dd>
    </div>
  );
}
