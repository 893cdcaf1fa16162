import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { StationProbeSchema } from '../api/documents/probe-document.js';
import { readConfig } from '../config.js';
import { EbbflowError, invalidInput } from '../domain/errors.js';
import { isStationId } from '../domain/ids.js';
import { callEngine } from './engine-client.js';

type Probe = Static<typeof StationProbeSchema>;
type Evse = Probe['station']['evses'][number];

export function configure(command: Command): void {
  command
    .argument('<station>', 'identity of a station that is connected to the running engine')
    .option('--json', 'print JSON')
    .action(async (station: string, flags: { json?: boolean }) => {
      if (!isStationId(station)) throw invalidInput('station', 'is no station identity');
      const probe = await askEngine(station);
      process.stdout.write(flags.json ? `${JSON.stringify(probe)}\n` : `${reportOf(probe).join('\n')}\n`);
    });
}

async function askEngine(station: string): Promise<Probe> {
  const path = `/v1/stations/${encodeURIComponent(station)}/probe`;
  try {
    return (await callEngine(readConfig(), { method: 'POST', path }, '')) as Probe;
  } catch (error) {
    if (!(error instanceof EbbflowError) || error.code !== 'NOT_FOUND') throw error;
    throw invalidInput('station', `the engine knows no ${station}`);
  }
}

/** What a person reads: the station, then each EVSE. */
export function reportOf({ station, telemetry, evses }: Probe): string[] {
  const identity = [station.vendor, station.model, station.firmwareVersion].filter(Boolean).join(' ');
  return [
    `${station.stationId}  ${identity === '' ? 'tells nothing of itself' : identity}, ${station.protocol ?? 'no protocol yet'}`,
    row('registration', station.registration),
    row('telemetry', telemetryOf(telemetry)),
    row('variables', `${telemetry.variablesTold} of ${telemetry.variablesAsked} that were asked are known`),
    ...(station.nonConformances.length === 0 ? [] : [row('spells', station.nonConformances.join('; '))]),
    ...station.evses.flatMap((evse) => {
      const answer = evses.find(({ evseId }) => evseId === evse.evseId);
      return ['', ...evseReport(evse, answer)];
    }),
  ];
}

function evseReport(evse: Evse, answer: Probe['evses'][number] | undefined): string[] {
  const kw = (value: number | null) => (value === null ? 'not told' : `${value} kW`);
  const { proofs, unsteerable } = evse.record;
  return [
    `EVSE ${evse.evseId}  ${evse.connectorStatus ?? 'connector unknown'}${evse.transactionId === null ? '' : `, transaction ${evse.transactionId}`}`,
    row('discharge', `${evse.canDischarge ? 'yes' : 'no'}: ${evse.canDischargeBecause}`),
    row('dialect', `${evse.dialect ?? 'none'}: ${evse.dialectBecause ?? ''}`),
    ...evse.dialects.map(({ dialect, state }) => row('', `${dialect}: ${state}`)),
    ...evse.demotions.map(({ dialect, reason, until }) =>
      row('demoted', `${dialect} until ${until}: ${reason}`),
    ),
    ...proofs.map((proof) => row('tried', proofText(proof))),
    row('power', `charge ${kw(evse.maxChargeKw)}, discharge ${kw(evse.maxDischargeKw)}`),
    row(
      'profiles',
      `${evse.periodsPerSchedule} periods, stack levels 0 to ${evse.maxStackLevel}, rate unit ${evse.rateUnits.join(' or ')}`,
    ),
    row(
      'supports',
      `Dynamic profiles ${yesNo(evse.supportsDynamicProfiles)}, maxOfflineDuration ${yesNo(evse.supportsMaxOfflineDuration)}`,
    ),
    row('follows', followingText(evse)),
    ...(unsteerable === null ? [] : [row('left alone', `until ${unsteerable.until}: ${unsteerable.reason}`)]),
    ...(answer === undefined ? [] : answerReport(answer)),
  ];
}

function answerReport(answer: Probe['evses'][number]): string[] {
  const { compositeSchedule, compositeDetail, compositePeriods, agreesWithProfile } = answer;
  const told =
    compositeSchedule === 'told'
      ? compositePeriods.map(({ afterS, powerKw }) => `${powerKw} kW from ${afterS} s`).join(', ')
      : `not told: ${compositeDetail ?? ''}`;
  const verdict =
    agreesWithProfile === null
      ? []
      : [
          row(
            '',
            agreesWithProfile
              ? 'as the profile in force asks'
              : `not what the profile asks: ${compositeDetail ?? ''}`,
          ),
        ];
  const held = {
    ours: `ours, revision ${answer.profileRevision ?? 'unknown'}`,
    none: 'none of ours',
    unknown: 'it cannot tell',
    'not-asked': 'not asked: no session runs',
  }[answer.profileHeld];
  return [row('means to do', told), ...verdict, row('holds', held)];
}

function proofText({ dialect, firmware, readBack, meter }: Evse['record']['proofs'][number]): string {
  const words = [
    readBack === null
      ? 'not read back'
      : `read-back ${readBack.outcome}${readBack.detail === '' ? '' : ` (${readBack.detail})`}`,
    meter === null ? 'no discharge metered yet' : `the meter ${meter.outcome}`,
  ];
  return `${dialect}${firmware === '' ? '' : ` with firmware ${firmware}`}: ${words.join(', ')}`;
}

function followingText({ following }: Evse): string {
  if (following === null) return 'no session runs';
  const limits = following.limits.map(({ direction, kw }) => `, ${direction} at most ${kw.toFixed(1)} kW`);
  return `${following.state} since ${following.since} (${following.reason})${limits.join('')}`;
}

function telemetryOf({ measurands, intervalS }: Probe['telemetry']): string {
  const every = intervalS === null ? 'at an interval not told' : `every ${intervalS} s`;
  return measurands.length === 0 ? `not told, ${every}` : `${every}: ${measurands.join(', ')}`;
}

const LABEL_WIDTH = 14;
const row = (label: string, text: string): string => `  ${label.padEnd(LABEL_WIDTH)}${text}`;
const yesNo = (flag: boolean): string => (flag ? 'yes' : 'no');
