import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One answer of the server; the last one is given again and again. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface FeedServer {
  readonly baseUrl: string;
  /** Path and query of every question, in order. */
  readonly asked: URL[];
  answers: Answer[];
  close(): Promise<void>;
}

/** A local server that replays documents, good and bad, in the order given. */
export async function startFeedServer(...answers: Answer[]): Promise<FeedServer> {
  const server = createServer((request, response) => {
    feed.asked.push(new URL(request.url ?? '/', 'http://feed'));
    const answer = feed.answers.length > 1 ? feed.answers.shift() : feed.answers[0];
    answer?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const feed: FeedServer = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    answers,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return feed;
}

export const body =
  (text: string, status = 200, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { connection: 'close', ...headers }).end(text);
  };

/** Announces more than it sends, and cuts the line. */
export const cutOff =
  (text: string): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-length': String(text.length) });
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  };

export const never: Answer = () => {};

const MINUTE_MS = 60_000;

/** Energy-Charts' answer for [from, to), one price per slot, EUR/MWh by its index. */
export function energyChartsAnswer(
  from: string,
  to: string,
  price: (slot: number) => number | null = (slot) => slot,
  slotMinutes = 15,
): string {
  const slots = (Date.parse(to) - Date.parse(from)) / (slotMinutes * MINUTE_MS);
  return JSON.stringify({
    license_info: 'CC BY 4.0 (creativecommons.org/licenses/by/4.0) from Bundesnetzagentur | SMARD.de',
    unix_seconds: Array.from(
      { length: slots },
      (_, slot) => Date.parse(from) / 1000 + slot * slotMinutes * 60,
    ),
    price: Array.from({ length: slots }, (_, slot) => price(slot)),
    unit: 'EUR / MWh',
    deprecated: false,
  });
}

export const NOTHING_PUBLISHED = `<?xml version="1.0" encoding="UTF-8"?>
<Acknowledgement_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-1:acknowledgementdocument:7:0">
  <Reason><code>999</code><text>No matching data found</text></Reason>
</Acknowledgement_MarketDocument>`;
