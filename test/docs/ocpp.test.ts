import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createMessageSchemas } from '../../src/ocpp/wire/schemas.js';

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const page = readFileSync(at('docs/ocpp.md'), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));

/** Every CALL that the wire types know. */
const actions = [
  ...readFileSync(at('src/ocpp/wire/messages.ts'), 'utf8').matchAll(/^ {2}([A-Z]\w+): \{/gm),
].map(([, action]) => action!);

/** What a V2G CSMS receives and sends, as the project's reference of OCPP 2.1 Edition 1 lists it. */
const V2G_MESSAGES = [
  ...['BootNotification', 'Heartbeat', 'StatusNotification', 'NotifyEvent', 'NotifyReport', 'Authorize'],
  ...['TransactionEvent', 'MeterValues', 'NotifyEVChargingNeeds', 'NotifyEVChargingSchedule'],
  ...['PullDynamicScheduleUpdate', 'ReportChargingProfiles', 'NotifyChargingLimit', 'ClearedChargingLimit'],
  ...['NotifyPriorityCharging', 'NotifySettlement', 'SecurityEventNotification', 'OpenPeriodicEventStream'],
  ...['ClosePeriodicEventStream', 'NotifyPeriodicEventStream', 'GetBaseReport', 'GetVariables'],
  ...['SetVariables', 'SetVariableMonitoring', 'RequestStartTransaction', 'RequestStopTransaction'],
  ...['GetTransactionStatus', 'SetChargingProfile', 'ClearChargingProfile', 'GetChargingProfiles'],
  ...['GetCompositeSchedule', 'UpdateDynamicSchedule', 'UsePriorityCharging', 'NotifyAllowedEnergyTransfer'],
  ...['AFRRSignal', 'TriggerMessage', 'Reset', 'ChangeAvailability', 'CostUpdated'],
  ...['GetPeriodicEventStream', 'AdjustPeriodicEventStream', 'SetDERControl', 'GetDERControl'],
  ...['ClearDERControl', 'ReportDERControl', 'NotifyDERAlarm', 'NotifyDERStartStop'],
];

/** The rows of the two tables of messages. */
const rowsOfMessages = rows.flatMap((row) => {
  const [, message = '', useCases = '', , tests = ''] = row.split('|');
  const messages: readonly string[] = message.match(/\b[A-Z][A-Za-z]+\b/g) ?? [];
  if (!actions.some((action) => messages.includes(action))) return [];
  return [
    {
      messages: messages.filter((one) => one !== 'SEND' && one !== 'LocalFrequency'),
      ids: [...useCases.matchAll(/\b[A-Z]\d\d(\.FR\.\d+)?\b/g)].map(([id]) => id),
      tests: [...tests.matchAll(/`(test\/[\w./-]+)`/g)].map(([, path]) => path!),
    },
  ];
});

const isTranscript = (path: string): boolean => path.endsWith('.ocpp');
const wordsOf = (path: string): string => readFileSync(at(path), 'utf8');

/** Titles and other strings of a test, or the remarks of a transcript. */
function namesIn(path: string): string {
  if (isTranscript(path)) return (wordsOf(path).match(/^#.*$/gm) ?? []).join('\n');
  const code = wordsOf(path)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
  return (code.match(/'[^'\n]*'|`[^`]*`|"[^"\n]*"/g) ?? []).join('\n');
}

describe('the page about OCPP', () => {
  it('has every message that is spoken in a table, with a test', () => {
    expect(actions.length).toBeGreaterThan(40);
    const missing = actions.filter(
      (action) => !rows.some((row) => new RegExp(`\\b${action}\\b`).test(row.split('|')[1] ?? '')),
    );
    expect(missing).toEqual([]);
  });

  it('has every message that a V2G CSMS sends or receives in a table', () => {
    expect(
      V2G_MESSAGES.filter((message) => !rowsOfMessages.some((row) => row.messages.includes(message))),
    ).toEqual([]);
    const schemas = createMessageSchemas('ocpp2.1');
    const isDefined = (message: string) =>
      schemas.knows('request', message) || schemas.knows('send', message);
    expect(rowsOfMessages.flatMap(({ messages }) => messages).filter((one) => !isDefined(one))).toEqual([]);
  });

  it('names tests that exist', () => {
    const paths = [...page.matchAll(/`(test\/[\w./-]+)`/g)].map(([, path]) => path!);
    expect(paths.length).toBeGreaterThan(30);
    expect(paths.filter((path) => !existsSync(at(path)))).toEqual([]);
  });

  it('claims no use case and no requirement that a test of the row does not name', () => {
    expect(rowsOfMessages.flatMap(({ ids }) => ids).length).toBeGreaterThan(45);
    const unproven = rowsOfMessages.flatMap(({ ids, tests }) =>
      ids.filter((id) => !tests.some((test) => new RegExp(`\\b${id}(?![.\\w])`).test(namesIn(test)))),
    );
    expect(unproven).toEqual([]);
  });

  it('claims no message that no test of the row holds', () => {
    const untested = rowsOfMessages.flatMap(({ messages, tests }) =>
      messages.filter((message) => !tests.some((test) => new RegExp(`\\b${message}\\b`).test(wordsOf(test)))),
    );
    expect(untested).toEqual([]);
  });

  it('counts a transcript as a test only when it is replayed', () => {
    const replayed = readFileSync(at('test/ocpp/golden/transcripts.test.ts'), 'utf8');
    const transcripts = new Set(rowsOfMessages.flatMap(({ tests }) => tests).filter(isTranscript));
    expect(transcripts.size).toBeGreaterThan(5);
    const idle = [...transcripts].filter((path) => {
      const name = path.split('/').at(-1)!;
      return !path.startsWith('test/golden/metering/') && !replayed.includes(`'${name}'`);
    });
    expect(idle).toEqual([]);
  });
});

describe('the table of metering rules', () => {
  const section = page.slice(page.indexOf('## Metering'), page.indexOf('## Not spoken'));
  const rules = [
    ...section.matchAll(/^\| ([^|]+) \| `(src\/[^`]+)` `(\w+)` \| `([^`]+)` \| ([^|]+) \|$/gm),
  ].map(([, rule, file, name, test, transcripts]) => ({
    rule: rule!,
    file: file!,
    name: name!,
    test: test!,
    transcripts: [...transcripts!.matchAll(/`([\w-]+)`/g)].map(([, transcript]) => `${transcript!}.ocpp`),
  }));

  it('has one function per rule, which is there, says what it does and has a test of its own', () => {
    expect(rules.length).toBeGreaterThan(20);
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    for (const { rule, file, name, test } of rules) {
      const documented = new RegExp(`\\*/\nexport function ${name}\\(`);
      expect([rule, documented.test(readFileSync(at(file), 'utf8'))]).toEqual([rule, true]);
      expect([rule, new RegExp(`\\b${name}\\(|\\(${name}\\)`).test(readFileSync(at(test), 'utf8'))]).toEqual([
        rule,
        true,
      ]);
    }
  });

  it('shows each rule in a transcript, and each transcript a rule', () => {
    const shown = new Set(rules.flatMap(({ transcripts }) => transcripts));
    expect(rules.filter(({ transcripts }) => transcripts.length === 0)).toEqual([]);
    expect([...shown].sort()).toEqual(readdirSync(at('test/golden/metering')).sort());
  });
});
