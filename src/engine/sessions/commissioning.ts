import { EbbflowError } from '../../domain/errors.js';
import { type EvseId, evseNumberOf, type StationId } from '../../domain/ids.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import type { DeviceVariable } from '../../domain/station.js';
import { holding } from '../../ports/clock.js';
import type { VariableWrite } from '../../ports/station-link.js';
import type { LinkedContext } from '../context.js';
import { INTERVAL_MINUTES } from '../metering/intervals.js';
import { describedCapabilityOf, evsesOf } from '../state.js';
import { capabilityReads } from './capability.js';
import { fallbackKw, stationMaxKw, stationPhases } from './outer-limits.js';

const REGISTERS = 'Energy.Active.Import.Register,Energy.Active.Export.Register';
const RETRY_DELAYS_S = [10, 30, 120, 600] as const;
/** A whole inventory of a large station over a slow link; one that is not there by then was lost on the way. */
const INVENTORY_WITHIN_MS = 5 * MS_PER_MINUTE;
/** An inventory that came and could not be kept is asked for again after this time. */
const INVENTORY_AGAIN_MS = 10_000;
const INVENTORIES_ASKED = 5;

/** Measurands of running transactions, richest first; the registers are in each, or V2G cannot be settled. */
const UPDATED_MEASURANDS = [
  `${REGISTERS},Power.Active.Import,Power.Active.Export,Power.Active.Setpoint,SoC`,
  `${REGISTERS},Power.Active.Import,Power.Active.Export,SoC`,
  `${REGISTERS},Power.Active.Import,SoC`,
  REGISTERS,
] as const;

/** Brings a booted station into service: metering, inventory, charging-only default. */
export interface Commissioning {
  /** After a boot: everything. Runs in the background, retried while the station is online. */
  begin(stationId: StationId): void;
  /**
   * After an inventory, or when a limit of its site has changed: the outer guard of the station and the
   * charging-only default of each EVSE, in the background, retried likewise.
   */
  limitsChanged(stationId: StationId): void;
  /** The inventory has come and is durable, or could not be kept: then it is asked for again. */
  modelArrived(stationId: StationId, isKept: boolean): void;
}

export function createCommissioning(
  context: LinkedContext,
  takeModel: (stationId: StationId, rows: readonly DeviceVariable[]) => Promise<void>,
  /** What an EVSE may do has changed. */
  guardChanged: () => void,
): Commissioning {
  const { clock, logger, settings, state, announcer } = context;
  /** How often each station was set up. */
  const boots = new Map<StationId, number>();
  /** How often the inventory was asked for that has not come yet. */
  const inventoriesAsked = new Map<StationId, number>();

  async function configureMetering(stationId: StationId): Promise<void> {
    const write = (variable: string, value: string, component = 'SampledDataCtrlr'): VariableWrite => ({
      component,
      variable,
      value,
    });
    const aligned = (variable: string, value: string) => write(variable, value, 'AlignedDataCtrlr');
    const written = await context.link().writeVariables(stationId, [
      write('TxStartedMeasurands', `${REGISTERS},SoC`),
      write('TxEndedMeasurands', `${REGISTERS},SoC`),
      write('TxUpdatedInterval', String(settings.meterIntervalS)),
      write('TxEndedInterval', '0'),
      write('RegisterValuesWithoutPhases', 'true'),
      // A reading at each edge of the interval books: then nothing is spread over one.
      aligned('Measurands', REGISTERS),
      aligned('Interval', String(INTERVAL_MINUTES * 60)),
      // Interpretation: `true` stops them in transactions (2.1 appendices) or sends none but when idle; never wanted.
      aligned('SendDuringIdle', 'false'),
    ]);
    const entry = state.stations.get(stationId);
    if (entry !== undefined)
      entry.readsAligned = written.some(
        ({ component, variable, status }) =>
          component === 'AlignedDataCtrlr' && variable === 'Interval' && status === 'Accepted',
      );
    for (const measurands of UPDATED_MEASURANDS) {
      const [result] = await context
        .link()
        .writeVariables(stationId, [write('TxUpdatedMeasurands', measurands)]);
      if (result?.status === 'Accepted' || result?.status === 'RebootRequired') return;
    }
    announcer.alarm({
      atMs: clock.nowMs(),
      code: 'metering-not-configured',
      text: 'The station refuses every list of measurands; its own defaults apply.',
      stationId,
    });
  }

  /** Outermost first: what caps the station, then what holds when nothing else does. */
  async function installLimits(stationId: StationId): Promise<void> {
    await installGuard(stationId);
    for (const evseId of evsesOf(state, stationId)) {
      const limitKw = fallbackKw(state, settings, stationId, evseId);
      const { phases } = describedCapabilityOf(state, stationId, evseId);
      const outcome = await context
        .link()
        .installDefault(evseId, limitKw, phases)
        .catch((error: unknown) => {
          setGuarded(evseId, false);
          throw error;
        });
      setGuarded(evseId, outcome.status === 'accepted');
      if (outcome.status === 'rejected') {
        announcer.alarm({
          atMs: clock.nowMs(),
          code: 'default-profile-rejected',
          text: `The station refuses the charging-only default: ${outcome.reason}`,
          stationId,
          evseId,
        });
      }
    }
  }

  /** No discharge where nothing holds when we are silent. */
  function setGuarded(evseId: EvseId, isGuarded: boolean): void {
    if (isGuarded !== state.unguarded.has(evseId)) return;
    if (isGuarded) state.unguarded.delete(evseId);
    else state.unguarded.add(evseId);
    guardChanged();
  }

  /** A guard beside the plan's own limits: a station that does not take it is served all the same. */
  async function installGuard(stationId: StationId): Promise<void> {
    const limitKw = stationMaxKw(state, stationId);
    if (limitKw === undefined || limitKw <= 0) return;
    const outcome = await context
      .link()
      .installStationMax(stationId, limitKw, stationPhases(state, stationId));
    if (outcome.status === 'accepted') return;
    logger.warn({ stationId, limitKw, reason: outcome.reason }, 'ChargingStationMaxProfile refused');
  }

  async function commission(stationId: StationId): Promise<void> {
    // Safety first: before anything may discharge, what holds when we are silent.
    await installLimits(stationId);
    await configureMetering(stationId);
    await takeInventory(stationId);
  }

  async function takeInventory(stationId: StationId): Promise<void> {
    inventoriesAsked.set(stationId, (inventoriesAsked.get(stationId) ?? 0) + 1);
    const inventory = await context.link().requestInventory(stationId);
    if (inventory === 'accepted') {
      askAgainAfter(stationId, INVENTORY_WITHIN_MS);
      return;
    }
    inventoriesAsked.delete(stationId);
    await readCapability(stationId);
  }

  function askAgainAfter(stationId: StationId, delayMs: number): void {
    const asked = inventoriesAsked.get(stationId);
    const boot = boots.get(stationId);
    if (asked === undefined || asked >= INVENTORIES_ASKED) return;
    clock.after(delayMs, () => {
      const isNewest = inventoriesAsked.get(stationId) === asked && boots.get(stationId) === boot;
      if (isNewest && context.link().isOnline(stationId)) attempt(stationId, takeInventory);
    });
  }

  /** The way for stations without GetBaseReport: ask for just the variables that decide. */
  async function readCapability(stationId: StationId): Promise<void> {
    const reads = evsesOf(state, stationId).flatMap((evseId) => capabilityReads(evseNumberOf(evseId)));
    const rows = await context.link().readVariables(stationId, reads);
    if (rows.length > 0) await takeModel(stationId, rows);
  }

  function attempt(stationId: StationId, work: (stationId: StationId) => Promise<void>, tries = 0): void {
    const boot = boots.get(stationId);
    // After another boot all of it begins anew.
    const isStale = () => boots.get(stationId) !== boot || !context.link().isOnline(stationId);
    holding(clock, () => work(stationId)).catch((error: unknown) => {
      if (isStale()) return;
      const delayS = RETRY_DELAYS_S[tries];
      if (delayS === undefined || !(error instanceof EbbflowError)) {
        logger.error({ err: error, stationId }, 'commissioning failed');
        announcer.alarm({
          atMs: clock.nowMs(),
          code: 'commissioning-failed',
          text: `The station could not be set up: ${error instanceof Error ? error.message : String(error)}`,
          stationId,
        });
        return;
      }
      clock.after(delayS * 1000, () => {
        if (!isStale()) attempt(stationId, work, tries + 1);
      });
    });
  }

  return {
    begin(stationId) {
      boots.set(stationId, (boots.get(stationId) ?? 0) + 1);
      inventoriesAsked.delete(stationId);
      attempt(stationId, commission);
    },
    modelArrived(stationId, isKept) {
      if (isKept) inventoriesAsked.delete(stationId);
      else askAgainAfter(stationId, INVENTORY_AGAIN_MS);
    },
    limitsChanged(stationId) {
      if (context.link().isOnline(stationId)) attempt(stationId, installLimits);
    },
  };
}
