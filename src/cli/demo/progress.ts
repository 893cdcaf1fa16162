import cliProgress from 'cli-progress';
import { MS_PER_HOUR } from '../../domain/power.js';
import type { SimulatedFleet } from '../../simulator/fleet.js';

export interface Progress {
  update(nowMs: number, fleet: SimulatedFleet): void;
  stop(): void;
}

/** A bar on a terminal, one line every two simulated hours elsewhere. */
export function createProgress(span: { startMs: number; endMs: number; toStderr: boolean }): Progress {
  const stream = span.toStderr ? process.stderr : process.stdout;
  if (!stream.isTTY) return plainProgress(span, (line) => stream.write(line));
  const bar = new cliProgress.SingleBar(
    {
      format: (options, params, payload: { text?: string }) =>
        `${cliProgress.Format.BarFormat(params.progress, options)} ${payload.text ?? ''}`,
      stream,
      hideCursor: true,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(span.endMs - span.startMs, 0, { text: '' });
  let shownMs = 0;
  return {
    update(nowMs, fleet) {
      if (performance.now() - shownMs < 100) return;
      shownMs = performance.now();
      bar.update(Math.min(nowMs, span.endMs) - span.startMs, { text: describeFleet(nowMs, fleet) });
    },
    stop: () => bar.stop(),
  };
}

function plainProgress(span: { startMs: number }, write: (line: string) => void): Progress {
  let nextMs = span.startMs;
  return {
    update(nowMs, fleet) {
      if (nowMs < nextMs) return;
      nextMs = nowMs + 2 * MS_PER_HOUR;
      write(`${describeFleet(nowMs, fleet)}\n`);
    },
    stop() {},
  };
}

function describeFleet(nowMs: number, fleet: SimulatedFleet): string {
  const running = fleet.log.sessions().filter((session) => session.outcome === 'running').length;
  const { importKwh, exportKwh } = fleet.log.totals();
  const clock = new Date(nowMs).toISOString().slice(0, 16).replace('T', ' ');
  return `${clock}Z  ${fleet.online()} stations, ${running} cars, imported ${importKwh.toFixed(1)} kWh, exported ${exportKwh.toFixed(1)} kWh so far`;
}
