import type { ConnectorStatus } from '../../domain/station.js';
import type { EventData } from '../wire/device-messages.js';
import { parseInstantMs } from '../wire/instant.js';
import type { CallHandlers } from '../wire/messages.js';
import type { StationContext } from './station-context.js';

const STATUSES: readonly ConnectorStatus[] = ['Available', 'Occupied', 'Reserved', 'Unavailable', 'Faulted'];

export interface ConnectorChange {
  readonly evseNumber: number;
  readonly connector: number;
  readonly status: ConnectorStatus;
  readonly atMs: number;
}

/**
 * The connector's new status if the event tells one: Connector.AvailabilityState, which in 2.1 replaces
 * StatusNotification (OCPP 2.1 G01). Undefined for every other event.
 */
export function connectorChangeOf(event: EventData): ConnectorChange | undefined {
  const { component, variable, actualValue, timestamp } = event;
  const { evse } = component;
  if (component.name.toLowerCase() !== 'connector' || evse === undefined) return undefined;
  if (variable.name.toLowerCase() !== 'availabilitystate') return undefined;
  const status = STATUSES.find((one) => one.toLowerCase() === actualValue.trim().toLowerCase());
  if (status === undefined) return undefined;
  return { evseNumber: evse.id, connector: evse.connectorId ?? 1, status, atMs: parseInstantMs(timestamp) };
}

/** Both ways of telling a connector's status; other events are logged. */
export function availabilityHandlers({ stationId, events, logger }: StationContext): CallHandlers {
  return {
    async StatusNotification({ timestamp, connectorStatus, evseId, connectorId }) {
      await events.connectorStatus(
        stationId,
        evseId,
        connectorId,
        connectorStatus,
        parseInstantMs(timestamp),
      );
      return {};
    },
    async NotifyEvent({ eventData }) {
      for (const event of eventData) {
        const change = connectorChangeOf(event);
        if (change === undefined) {
          const { component, variable, actualValue, severity } = event;
          logger.info({ stationId, component, variable, actualValue, severity }, 'Event at the station');
          continue;
        }
        const { evseNumber, connector, status, atMs } = change;
        await events.connectorStatus(stationId, evseNumber, connector, status, atMs);
      }
      return {};
    },
  };
}
