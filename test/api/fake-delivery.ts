import type { BaselineComparison, DeliveryReport } from '../../src/domain/delivery.js';
import { asDispatchId, asStationId, evseIdOf } from '../../src/domain/ids.js';
import { canonicalJson, linkAfter, type ProofLink } from '../../src/domain/proof.js';
import { createSecrets } from '../../src/secrets.js';
import { NOW_MS } from './fake-fleet.js';

const STEP_MS = 300_000;
const EVSE = evseIdOf(asStationId('cs-1'), 1);

/** Ten minutes up by 60 kW from idle: 55 and 60 delivered, one meter silent at first. */
export function fakeDeliveryReport(): DeliveryReport {
  const step = (index: number, meteredKw: number, missing: DeliveryReport['steps'][number]['missing']) => ({
    startMs: NOW_MS + index * STEP_MS,
    endMs: NOW_MS + (index + 1) * STEP_MS,
    baselineKw: 0,
    askedKw: -60,
    meteredKw,
    importKwh: 0,
    exportKwh: -meteredKw / 12,
    creditedKwh: -meteredKw / 12,
    missing,
    estimated: [],
  });
  return {
    dispatchId: asDispatchId('d-1'),
    startMs: NOW_MS,
    endMs: NOW_MS + 2 * STEP_MS,
    direction: 'up',
    baseline: 'nominated-plan',
    basis: null,
    provisional: false,
    stepMinutes: 5,
    steps: [step(0, -54, [EVSE]), step(1, -60, [])],
    askedKwh: 10,
    creditedKwh: 9.5,
    deliveryRatio: 0.95,
    initiationS: 300,
    fullActivationS: 600,
    worstErrorKw: 6,
    withinTolerance: 0.5,
    toleranceFraction: 0.05,
    underKwh: 0.25,
    overKwh: 0,
    availability: 0.5,
    missingSteps: 1,
    estimatedSteps: 0,
    importKwh: 0,
    exportKwh: 9.5,
    evses: [{ evseId: EVSE, importKwh: 0, exportKwh: 9.5, missingSteps: 1, estimatedSteps: 0 }],
  };
}

/** One method that fits, judged on one day, and one that does not. */
export function fakeBaselines(): BaselineComparison[] {
  return [
    {
      baseline: 'nominated-plan',
      unavailable: null,
      creditedKwh: 9.5,
      deliveryRatio: 0.95,
      kpis: {
        baseline: 'nominated-plan',
        days: ['2026-01-19'],
        steps: 2,
        biasKw: 1,
        maeKw: 2,
        rmseKw: 2.5,
        rrmse: null,
        withinTolerance: 0.5,
        biasBeforeOrderKw: 0,
        usualBiasBeforeKw: 0.5,
      },
    },
    {
      baseline: 'control-group',
      unavailable: 'baseline: control-group needs 5 EVSEs',
      creditedKwh: null,
      deliveryRatio: null,
      kpis: null,
    },
  ];
}

/** The fake report as the first link of a chain. */
export function fakeReportLink(): ProofLink {
  const body = canonicalJson({ report: fakeDeliveryReport(), evidence: [] });
  const draft = { kind: 'report' as const, subject: 'd-1/nominated-plan', body };
  return linkAfter(undefined, draft, NOW_MS, createSecrets().digest);
}
