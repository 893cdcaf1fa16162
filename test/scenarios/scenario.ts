import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const Numbers = Type.Array(Type.Number());
const strict = { additionalProperties: false };

/** Hours count from noon, when all cars plug in. Prices per hour; needs in kWh relative to the car's energy. */
const Scenario = Type.Object(
  {
    title: Type.String(),
    prices: Type.Optional(
      Type.Object({ importPerKwh: Numbers, exportPerKwh: Type.Optional(Numbers) }, strict),
    ),
    sites: Type.Optional(
      Type.Array(
        Type.Object(
          {
            siteId: Type.String(),
            importLimitKw: Type.Optional(Type.Number()),
            exportLimitKw: Type.Optional(Type.Number()),
            stations: Type.Array(Type.String()),
          },
          strict,
        ),
      ),
    ),
    cars: Type.Array(
      Type.Object(
        {
          station: Type.String(),
          departureHour: Type.Union([Type.Number(), Type.Null()]),
          /** Changes to the usual needs (test/support/engine/fixtures.ts). */
          needs: Type.Optional(Type.Record(Type.String(), Type.Union([Type.Number(), Type.Boolean()]))),
          /** Changes to the usual device model, `Component.Variable`: value. */
          model: Type.Optional(Type.Record(Type.String(), Type.String())),
          optOut: Type.Optional(Type.Boolean()),
        },
        strict,
      ),
    ),
    orders: Type.Optional(
      Type.Array(
        Type.Object({ fromHour: Type.Number(), toHour: Type.Number(), targetNetKw: Type.Number() }, strict),
      ),
    ),
    expect: Type.Object(
      {
        /** Bounds on the fleet's planned net power at all times. */
        leastNetKw: Type.Optional(Type.Number()),
        mostNetKw: Type.Optional(Type.Number()),
        /** The fleet's planned mean power of hours, to within 0.05 kW. */
        netKwInHour: Type.Optional(Type.Record(Type.String(), Type.Number())),
        alarms: Type.Optional(Type.Array(Type.String())),
        cars: Type.Array(
          Type.Object(
            {
              /** Hours with any export, with any import; left out: not looked at. */
              exportHours: Type.Optional(Numbers),
              importHours: Type.Optional(Numbers),
              shortfallKwh: Type.Optional(Type.Number()),
              notes: Type.Optional(Type.Array(Type.String())),
              because: Type.Optional(Type.String()),
            },
            strict,
          ),
        ),
      },
      strict,
    ),
  },
  strict,
);
export type Scenario = Static<typeof Scenario>;

const FOLDER = new URL('./', import.meta.url);

/** All scenario files of this folder, checked: a misspelt expectation must not pass as none. */
export function readScenarios(): { name: string; scenario: Scenario }[] {
  return readdirSync(fileURLToPath(FOLDER))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const scenario: unknown = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
      const [fault] = Value.Errors(Scenario, scenario);
      if (fault !== undefined) throw new Error(`${name}${fault.instancePath}: ${fault.message}`);
      return { name, scenario: Value.Parse(Scenario, scenario) };
    });
}
