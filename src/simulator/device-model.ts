import type {
  Component,
  GetVariableResult,
  GetVariablesRequest,
  ReportData,
  SetVariableData,
  SetVariableResult,
  Variable,
  VariableCharacteristics,
} from '../ocpp/wire/device-messages.js';
import { KNOWN_MEASURANDS } from './meter-values.js';

/** One variable of the station: where it stands, what it holds, who may change it. */
export interface ModelVariable {
  readonly component: Component;
  readonly variable: Variable;
  readonly value: string;
  readonly writable: boolean;
  readonly characteristics: VariableCharacteristics;
  /** `MaxSet` of a rating. */
  readonly maxSet?: string;
}

/** Rows per NotifyReport; small enough that an inventory takes several pages. */
export const REPORT_PAGE_ROWS = 20;

export interface DeviceModel {
  /** Value of a station-wide variable that the model is known to hold. */
  text(component: string, variable: string, instance?: string): string;
  /** The same as a number, ≥ 0. */
  number(component: string, variable: string, instance?: string): number;
  /** The same as a list without empty entries. */
  list(component: string, variable: string): readonly string[];
  get(request: GetVariablesRequest): GetVariableResult[];
  set(writes: readonly SetVariableData[]): SetVariableResult[];
  /** The inventory in pages of at most {@link REPORT_PAGE_ROWS} rows. */
  pages(): ReportData[][];
}

/** The station's variables with the standard's answers to reading and writing (OCPP 2.1 block B). */
export function createDeviceModel(variables: readonly ModelVariable[]): DeviceModel {
  const rows = new Map(variables.map((row) => [keyOf(row.component, row.variable), { ...row }]));
  const components = new Set(variables.map(({ component }) => componentKey(component)));

  function heldValue(component: string, name: string, instance?: string): string {
    const row = rows.get(keyOf({ name: component }, instance === undefined ? { name } : { name, instance }));
    if (!row) throw new Error(`Invariant broken: the model has ${component}.${name}`);
    return row.value;
  }

  function missing(component: Component): 'UnknownComponent' | 'UnknownVariable' {
    return components.has(componentKey(component)) ? 'UnknownVariable' : 'UnknownComponent';
  }

  return {
    text: heldValue,
    number: (component, name, instance) => Number(heldValue(component, name, instance)),
    list: (component, name) => heldValue(component, name).split(',').filter(Boolean),
    get: (request) =>
      request.getVariableData.map(({ component, variable, attributeType }) => {
        const row = rows.get(keyOf(component, variable));
        const named = { component, variable, ...(attributeType ? { attributeType } : {}) };
        if (!row) return { ...named, attributeStatus: missing(component) };
        const value = attributeType === 'MaxSet' ? row.maxSet : row.value;
        if (value === undefined || attributeType === 'Target' || attributeType === 'MinSet') {
          return { ...named, attributeStatus: 'NotSupportedAttributeType' };
        }
        return { ...named, attributeStatus: 'Accepted', attributeValue: value };
      }),
    set: (writes) =>
      writes.map(({ component, variable, attributeType, attributeValue }) => {
        const key = keyOf(component, variable);
        const row = rows.get(key);
        const named = { component, variable, ...(attributeType ? { attributeType } : {}) };
        if (!row) return { ...named, attributeStatus: missing(component) };
        if (attributeType !== undefined && attributeType !== 'Actual') {
          return { ...named, attributeStatus: 'NotSupportedAttributeType' };
        }
        const fault = row.writable ? faultOf(row, attributeValue) : 'ReadOnly';
        if (fault) {
          return { ...named, attributeStatus: 'Rejected', attributeStatusInfo: { reasonCode: fault } };
        }
        rows.set(key, { ...row, value: attributeValue });
        return { ...named, attributeStatus: 'Accepted' };
      }),
    pages() {
      const report = [...rows.values()].map(reportRow);
      const pages: ReportData[][] = [];
      for (let row = 0; row < report.length; row += REPORT_PAGE_ROWS) {
        pages.push(report.slice(row, row + REPORT_PAGE_ROWS));
      }
      return pages;
    },
  };
}

function componentKey({ name, instance, evse }: Component): string {
  return JSON.stringify([name, instance ?? null, evse?.id ?? null, evse?.connectorId ?? null]);
}

function keyOf(component: Component, { name, instance }: Variable): string {
  return componentKey(component) + JSON.stringify([name, instance ?? null]);
}

/** Reason code of a value that the variable cannot take; `undefined` if it can. */
function faultOf({ variable, characteristics }: ModelVariable, text: string): string | undefined {
  const { dataType, minLimit, maxLimit } = characteristics;
  if (dataType === 'boolean') return text === 'true' || text === 'false' ? undefined : 'InvalidValue';
  if (dataType === 'integer' || dataType === 'decimal') {
    const value = Number(text);
    const inRange = value >= (minLimit ?? Number.NEGATIVE_INFINITY) && value <= (maxLimit ?? Infinity);
    const whole = dataType === 'decimal' || Number.isInteger(value);
    return text.trim() !== '' && inRange && whole ? undefined : 'InvalidValue';
  }
  if (variable.name.endsWith('Measurands')) {
    const known = text.split(',').every((name) => name === '' || KNOWN_MEASURANDS.includes(name));
    return known ? undefined : 'InvalidValue';
  }
  return undefined;
}

function reportRow({
  component,
  variable,
  value,
  writable,
  characteristics,
  maxSet,
}: ModelVariable): ReportData {
  const mutability = writable ? ('ReadWrite' as const) : ('ReadOnly' as const);
  return {
    component,
    variable,
    variableAttribute: [
      { type: 'Actual', value, mutability },
      ...(maxSet === undefined ? [] : [{ type: 'MaxSet' as const, value: maxSet, mutability }]),
    ],
    variableCharacteristics: characteristics,
  };
}
