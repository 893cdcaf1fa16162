import type { EngineBooks } from './summary.js';

/** Most sessions that one listing returns; a demo has fewer. */
const SESSION_LIMIT = 1000;

interface SessionDocument {
  readonly transactionId: string;
  readonly importKwh: number;
  readonly exportKwh: number;
}

interface SettlementDocument {
  readonly lines: readonly { readonly cost: number | null; readonly credit: number | null }[];
}

/** Reads the engine's books through its API, as any client would. */
export async function readBooks(
  httpAddress: string,
  apiKey: string,
  span: { fromMs: number; toMs: number },
): Promise<EngineBooks> {
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(`${httpAddress}${path}`, { headers: { authorization: `Bearer ${apiKey}` } });
    if (!response.ok) throw new Error(`GET ${path}: HTTP ${response.status}`);
    return response.json();
  };
  const range = `from=${new Date(span.fromMs).toISOString()}&to=${new Date(span.toMs).toISOString()}`;
  const fleet = (await get('/v1/fleet')) as EngineBooks['fleet'];
  const { sessions } = (await get(`/v1/sessions?${range}&limit=${SESSION_LIMIT}`)) as {
    sessions: readonly SessionDocument[];
  };
  const { lines } = (await get(`/v1/settlements?${range}`)) as SettlementDocument;
  const toWh = (energyKwh: number) => Math.round(energyKwh * 1e6) / 1e3;
  return {
    fleet,
    sessions: new Map(
      sessions.map(({ transactionId, importKwh, exportKwh }) => [
        transactionId,
        { importWh: toWh(importKwh), exportWh: toWh(exportKwh) },
      ]),
    ),
    settledCost: lines.reduce((sum, line) => sum + (line.cost ?? 0), 0),
    settledCredit: lines.reduce((sum, line) => sum + (line.credit ?? 0), 0),
  };
}
