import type { DeviceVariable, StationIdentity } from '../../domain/station.js';
import type { VariableRead, VariableWrite, VariableWriteResult } from '../../ports/station-link.js';
import type {
  BootNotificationRequest,
  GetVariableData,
  GetVariableResult,
  SetVariableData,
  SetVariableResult,
} from '../wire/device-messages.js';
import { formatInstant, parseInstantMs } from '../wire/instant.js';
import type { CallHandlers } from '../wire/messages.js';
import { textOfPageOutcome } from './inventory.js';
import type { AskStation, StationContext } from './station-context.js';

/** SetVariables entries per message while DeviceDataCtrlr.ItemsPerMessage is unknown: small stations take so many. */
export const DEFAULT_ITEMS_PER_MESSAGE = 16;

export function provisioningHandlers(context: StationContext): CallHandlers {
  const { stationId, events, clock, inventory, logger } = context;
  return {
    async BootNotification(request) {
      context.dynamicProfiles.allGone();
      const answer = await events.booted(stationId, identityOf(request), request.reason);
      context.setRegistered(answer.status === 'Accepted');
      return {
        currentTime: formatInstant(clock.nowMs()),
        interval: Math.max(0, Math.round(answer.intervalS)),
        status: answer.status,
      };
    },
    async Heartbeat() {
      return { currentTime: formatInstant(clock.nowMs()) };
    },
    async NotifyReport(page) {
      const outcome = inventory.add(page);
      if (outcome.kind === 'complete') {
        await events.deviceModelReported(stationId, outcome.rows, true);
        inventory.finish();
        const items = itemsPerSetVariables(outcome.rows);
        if (items !== undefined) context.setItemsPerMessage(items);
      } else if (outcome.kind !== 'more') {
        logger.warn({ stationId, page: page.seqNo }, textOfPageOutcome(outcome));
      }
      return {};
    },
    async NotifySettlement({ pspRef, status, settlementAmount, transactionId }) {
      // Of an ad-hoc payment terminal: money between driver and payment provider, none of ours.
      logger.info({ stationId, pspRef, status, settlementAmount, transactionId }, 'Payment terminal settled');
      return {};
    },
    async SecurityEventNotification({ type, techInfo, timestamp }) {
      logger.warn({ stationId, type, techInfo }, 'Security event at the station');
      const text = techInfo === undefined ? type : `${type}: ${techInfo}`;
      await events.notice(stationId, { kind: 'security', atMs: parseInstantMs(timestamp), text });
      return {};
    },
  };
}

/** DeviceDataCtrlr.ItemsPerMessage[SetVariables], if the inventory has it and it makes sense. */
export function itemsPerSetVariables(rows: readonly DeviceVariable[]): number | undefined {
  const row = rows.find(
    ({ component, variable, variableInstance, attribute }) =>
      component === 'DeviceDataCtrlr' &&
      variable === 'ItemsPerMessage' &&
      variableInstance === 'SetVariables' &&
      attribute === 'Actual',
  );
  const items = Number(row?.value);
  return Number.isInteger(items) && items >= 1 ? items : undefined;
}

export function identityOf({ chargingStation }: BootNotificationRequest): StationIdentity {
  const { vendorName, model, serialNumber, firmwareVersion } = chargingStation;
  return {
    vendor: vendorName,
    model,
    ...(serialNumber === undefined ? {} : { serialNumber }),
    ...(firmwareVersion === undefined ? {} : { firmwareVersion }),
  };
}

/** Asks for the full inventory; its rows come by NotifyReport. `not-supported`: none will come. */
export async function requestInventory(
  context: StationContext,
  ask: AskStation,
): Promise<'accepted' | 'not-supported'> {
  const requestId = context.inventory.begin();
  const answer = await ask('GetBaseReport', { requestId, reportBase: 'FullInventory' });
  return answer.supported && answer.response.status === 'Accepted' ? 'accepted' : 'not-supported';
}

/**
 * Writes variables in as many messages as the station's ItemsPerMessage asks for. One result per write, in
 * the order of the writes; an entry that the station left unanswered counts as Rejected.
 */
export async function writeVariables(
  writes: readonly VariableWrite[],
  itemsPerMessage: number,
  ask: AskStation,
): Promise<VariableWriteResult[]> {
  const results: VariableWriteResult[] = [];
  for (let from = 0; from < writes.length; from += itemsPerMessage) {
    const batch = writes.slice(from, from + itemsPerMessage);
    const answer = await ask('SetVariables', { setVariableData: batch.map(setVariableDataOf) });
    results.push(...resultsOf(batch, answer.supported ? answer.response.setVariableResult : []));
  }
  return results;
}

/** Reads actual values, in as many messages as the station's ItemsPerMessage asks for. Only what it gave comes back. */
export async function readVariables(
  reads: readonly VariableRead[],
  itemsPerMessage: number,
  ask: AskStation,
): Promise<DeviceVariable[]> {
  const rows: DeviceVariable[] = [];
  for (let from = 0; from < reads.length; from += itemsPerMessage) {
    const batch = reads.slice(from, from + itemsPerMessage);
    const answer = await ask('GetVariables', { getVariableData: batch.map(variableNameOf) });
    if (!answer.supported) return rows;
    for (const result of answer.response.getVariableResult) {
      const row = deviceVariableOf(result);
      if (row !== undefined) rows.push(row);
    }
  }
  return rows;
}

function deviceVariableOf(result: GetVariableResult): DeviceVariable | undefined {
  const { component, variable, attributeStatus, attributeValue, attributeType = 'Actual' } = result;
  if (attributeStatus !== 'Accepted' || attributeValue === undefined) return undefined;
  return {
    component: component.name,
    ...(component.instance === undefined ? {} : { componentInstance: component.instance }),
    ...(component.evse === undefined ? {} : { evseNumber: component.evse.id }),
    variable: variable.name,
    ...(variable.instance === undefined ? {} : { variableInstance: variable.instance }),
    attribute: attributeType,
    value: attributeValue,
  };
}

function variableNameOf(read: VariableRead): GetVariableData {
  return {
    component: {
      name: read.component,
      ...(read.componentInstance === undefined ? {} : { instance: read.componentInstance }),
      ...(read.evseNumber === undefined ? {} : { evse: { id: read.evseNumber } }),
    },
    variable: {
      name: read.variable,
      ...(read.variableInstance === undefined ? {} : { instance: read.variableInstance }),
    },
  };
}

export function setVariableDataOf(write: VariableWrite): SetVariableData {
  return { ...variableNameOf(write), attributeValue: write.value };
}

/** Matches results to writes by name, since stations answer in any order. */
export function resultsOf(
  writes: readonly VariableWrite[],
  results: readonly SetVariableResult[],
): VariableWriteResult[] {
  const statuses = new Map(results.map((result) => [keyOf(result), result.attributeStatus]));
  return writes.map((write) => ({
    ...write,
    status: statuses.get(keyOf(setVariableDataOf(write))) ?? 'Rejected',
  }));
}

function keyOf({ component, variable }: Pick<SetVariableData, 'component' | 'variable'>): string {
  return JSON.stringify([
    component.name.toLowerCase(),
    component.instance ?? '',
    component.evse?.id ?? 0,
    variable.name.toLowerCase(),
    variable.instance ?? '',
  ]);
}
