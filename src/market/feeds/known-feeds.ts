import { DateTime } from 'luxon';
import { invalidInput } from '../../domain/errors.js';
import type { PriceSeries } from '../../domain/price.js';
import { ZONE_OF_EIC } from '../bidding-zones.js';
import { parsePriceFileNative } from '../price-file.js';
import type { FeedWindow, PriceFeed } from './price-feed.js';

/** What the environment says of feeds. */
export interface FeedSettings {
  /** EBBFLOW_PRICE_FEEDS: `energy-charts:DE-LU, entsoe:DE-LU, awattar:AT, octopus:PRODUCT/TARIFF`. */
  readonly feeds: string;
  /** EBBFLOW_ENTSOE_TOKEN. */
  readonly entsoeToken?: string;
}

/** Midnight here parts the delivery days of the European day-ahead auction, in every zone. */
const AUCTION_TIME_ZONE = 'Europe/Brussels';
const MOST_SOURCE_CHARACTERS = 500;

interface Wanted {
  /** What stands after the colon: a zone, or a tariff. */
  readonly subject: string;
  /** Another address than the service's own. */
  readonly baseUrl?: string;
  readonly entsoeToken?: string;
}

const FEEDS: Readonly<Record<string, (wanted: Wanted) => PriceFeed>> = {
  'energy-charts': energyCharts,
  entsoe,
  awattar,
  octopus,
};

/**
 * The feeds of a setting, in its order: of several for one zone the first is asked first. An entry may name
 * another address, `energy-charts:DE-LU@http://proxy.example`.
 * @throws EbbflowError INVALID_INPUT that names EBBFLOW_PRICE_FEEDS or EBBFLOW_ENTSOE_TOKEN
 */
export function readFeeds({ feeds, entsoeToken }: FeedSettings): PriceFeed[] {
  return feeds
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const parts = /^([a-z-]+):([^@\s]+)(?:@(https?:\/\/\S+))?$/.exec(entry);
      const create = FEEDS[parts?.[1] ?? ''];
      const subject = parts?.[2];
      if (create === undefined || subject === undefined) {
        const known = Object.keys(FEEDS).join(', ');
        throw invalidInput('EBBFLOW_PRICE_FEEDS', `${entry}: expected one of ${known}, a colon and a zone`);
      }
      return create({
        subject,
        ...(parts?.[3] === undefined ? {} : { baseUrl: parts[3] }),
        ...(entsoeToken === undefined ? {} : { entsoeToken }),
      });
    });
}

/** Energy-Charts (Fraunhofer ISE). Zones by their short names; the answer names its licence. */
function energyCharts({ subject: zone, baseUrl = 'https://api.energy-charts.info' }: Wanted): PriceFeed {
  return {
    name: `energy-charts ${zone}`,
    zone,
    timeZone: AUCTION_TIME_ZONE,
    publishedLocal: '13:05',
    url(window) {
      const url = below(baseUrl, 'price');
      url.searchParams.set('bzn', zone);
      url.searchParams.set('start', firstDay(window));
      url.searchParams.set('end', lastDay(window));
      return url;
    },
    parse: (text) => read(text, 'Energy-Charts', { zone, currency: 'EUR' }),
    isEmptyAnswer: (status) => status === 404,
  };
}

/** The transparency platform of ENTSO-E, document A44; needs the user's own token. */
function entsoe({ subject: zone, baseUrl = 'https://web-api.tp.entsoe.eu', entsoeToken }: Wanted): PriceFeed {
  const eic = Object.entries(ZONE_OF_EIC).find(([, name]) => name === zone)?.[0];
  if (eic === undefined) throw invalidInput('EBBFLOW_PRICE_FEEDS', `entsoe: no bidding zone ${zone}`);
  if (entsoeToken === undefined) throw invalidInput('EBBFLOW_ENTSOE_TOKEN', `entsoe:${zone} needs it`);
  return {
    name: `entsoe ${zone}`,
    zone,
    timeZone: AUCTION_TIME_ZONE,
    publishedLocal: '12:57',
    url({ fromMs, toMs }) {
      const url = below(baseUrl, 'api');
      url.searchParams.set('securityToken', entsoeToken);
      url.searchParams.set('documentType', 'A44');
      url.searchParams.set('in_Domain', eic);
      url.searchParams.set('out_Domain', eic);
      url.searchParams.set('periodStart', utcMinute(fromMs));
      url.searchParams.set('periodEnd', utcMinute(toMs));
      return url;
    },
    parse: (text) => read(text, 'ENTSO-E Transparency Platform', { zone }),
    // Reason 999 comes with HTTP 200 or 400; a document of the early auction alone is no day-ahead price yet.
    isEmptyAnswer: (status, text) =>
      (status === 200 || status === 400) && text.includes('Acknowledgement_MarketDocument'),
  };
}

/** aWATTar, Austria and Germany: the exchange's price without VAT. */
function awattar({ subject: zone, baseUrl }: Wanted): PriceFeed {
  const own = { 'DE-LU': 'https://api.awattar.de', AT: 'https://api.awattar.at' }[zone];
  if (own === undefined) throw invalidInput('EBBFLOW_PRICE_FEEDS', `awattar: DE-LU or AT, not ${zone}`);
  return {
    name: `awattar ${zone}`,
    zone,
    timeZone: AUCTION_TIME_ZONE,
    publishedLocal: '14:05',
    url({ fromMs, toMs }) {
      const url = below(baseUrl ?? own, 'v1/marketdata');
      url.searchParams.set('start', String(fromMs));
      url.searchParams.set('end', String(toMs));
      return url;
    },
    parse: (text) => read(text, 'aWATTar', { zone }),
    isEmptyAnswer: () => false,
  };
}

/** Unit rates of a half-hourly tariff of Octopus Energy (GB); its days end at 23:00 London, midnight in Brussels. */
function octopus({ subject, baseUrl = 'https://api.octopus.energy' }: Wanted): PriceFeed {
  const [product, tariff] = subject.split('/');
  if (product === undefined || tariff === undefined || product === '' || tariff === '') {
    throw invalidInput('EBBFLOW_PRICE_FEEDS', `octopus: expected PRODUCT/TARIFF, got ${subject}`);
  }
  return {
    name: `octopus ${tariff}`,
    zone: 'GB',
    timeZone: AUCTION_TIME_ZONE,
    publishedLocal: '17:10',
    url({ fromMs, toMs }) {
      const path = ['v1/products', product, 'electricity-tariffs', tariff, 'standard-unit-rates/'];
      const url = below(
        baseUrl,
        path.map((part) => (part.includes('/') ? part : encodeURIComponent(part))).join('/'),
      );
      url.searchParams.set('period_from', new Date(fromMs).toISOString());
      url.searchParams.set('period_to', new Date(toMs).toISOString());
      url.searchParams.set('page_size', '1500');
      return url;
    },
    parse: (text) => read(text, 'Octopus Energy', { zone: 'GB', currency: 'GBP' }),
    isEmptyAnswer: () => false,
  };
}

function read(text: string, source: string, named: { zone: string; currency?: string }): PriceSeries[] {
  return parsePriceFileNative({ ...named, fileName: source, text: text }).map((series) => ({
    ...series,
    source: (series.source === undefined ? source : `${source}: ${series.source}`).slice(
      0,
      MOST_SOURCE_CHARACTERS,
    ),
  }));
}

function below(baseUrl: string, path: string): URL {
  return new URL(path, baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
}

function firstDay({ fromMs }: FeedWindow): string {
  return DateTime.fromMillis(fromMs, { zone: AUCTION_TIME_ZONE }).toFormat('yyyy-MM-dd');
}

function lastDay({ toMs }: FeedWindow): string {
  return DateTime.fromMillis(toMs - 1, { zone: AUCTION_TIME_ZONE }).toFormat('yyyy-MM-dd');
}

function utcMinute(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 12);
}
