import type { StationId } from '../domain/ids.js';
import type { StationEvents } from '../ports/station-events.js';
import type { StationLink } from '../ports/station-link.js';

/** Topics of the node bus beside `planner`. */
export const TOPICS = {
  /** gateway → planner: {@link StationAsk}, answered when it is durable. */
  station: 'station',
  /** gateway → planner, without an answer. */
  stationNews: 'station-news',
  /** gateway → planner: this gateway is there; {@link GatewayBeat}. */
  gatewayBeat: 'gateway-beat',
  /** planner → gateway: which stations do you hold? Answered by their ids. */
  held: 'held',
  /** planner → gateway: your stations are not known here; tell them again. */
  announce: 'announce',
  /** planner → gateway: {@link LinkAsk}. */
  link: 'link',
  /** planner → gateway: another gateway holds the station now, or its credentials changed. */
  drop: 'drop',
  /** any → planner: {@link UseCaseAsk}. */
  useCase: 'use-case',
  /** api → planner: somebody listens to events here. */
  listening: 'listening',
  /** planner → api: an event of the engine. */
  event: 'event',
} as const;

/** A method of {@link StationEvents} without its first argument. */
export interface StationAsk {
  readonly stationId: StationId;
  readonly method: keyof StationEvents;
  readonly args: unknown[];
}

export interface GatewayBeat {
  /** How many it holds. */
  readonly stations: number;
}

/** Methods of {@link StationLink} that a station answers. */
export type LinkMethod = Exclude<keyof StationLink, 'isOnline' | 'onlineCount' | 'disconnect'>;

export interface LinkAsk {
  /** The term of the planner that asks. */
  readonly token: number;
  readonly method: LinkMethod;
  readonly args: unknown[];
}

export interface UseCaseAsk {
  readonly method: string;
  readonly args: unknown[];
}

/** JSON knows no `undefined`: an argument that was left out is left out again. */
export function withoutTail(args: readonly unknown[]): unknown[] {
  let length = args.length;
  while (length > 0 && args[length - 1] === undefined) length -= 1;
  return args.slice(0, length);
}
