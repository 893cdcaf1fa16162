import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { EngineNode } from './engine-node.js';
import { FaultProxy } from './fault-proxy.js';
import type { FaultServers } from './fault-servers.js';

const ADMIN_KEY = 'an-admin-key-for-faults';
const ASK_LIMIT_MS = 5_000;

/** `split`: two planners, two gateways with API. `single`: one node of all roles. */
export type ClusterShape = 'split' | 'single';
const NODES: Readonly<Record<ClusterShape, readonly { name: string; roles: string }[]>> = {
  split: [
    { name: 'planner-1', roles: 'planner' },
    { name: 'planner-2', roles: 'planner' },
    { name: 'gateway-1', roles: 'gateway,api' },
    { name: 'gateway-2', roles: 'gateway,api' },
  ],
  single: [{ name: 'node', roles: 'all' }],
};

/** Nodes of one engine on one database, and the way of stations and clients to them. */
export class EngineCluster {
  readonly nodes: readonly EngineNode[];
  /** Between the stations and the gateways: each new connection goes to one that serves. */
  readonly stationLinks: FaultProxy;
  readonly database: string;
  readonly #servers: FaultServers;
  readonly #folder: string;

  private constructor(parts: {
    nodes: readonly EngineNode[];
    stationLinks: FaultProxy;
    servers: FaultServers;
    database: string;
    folder: string;
  }) {
    this.nodes = parts.nodes;
    this.stationLinks = parts.stationLinks;
    this.#servers = parts.servers;
    this.database = parts.database;
    this.#folder = parts.folder;
  }

  static async open(
    servers: FaultServers,
    shape: ClusterShape,
    settings: Readonly<Record<string, string>>,
    random: () => number,
  ): Promise<EngineCluster> {
    const { name: database } = await servers.freshDatabase();
    const folder = await mkdtemp(path.join(os.tmpdir(), 'ebbflow-faults-'));
    const nodes = await Promise.all(
      NODES[shape].map(({ name, roles }) =>
        EngineNode.open(name, servers, database, {
          EBBFLOW_ROLES: roles,
          EBBFLOW_DATA_DIR: folder,
          EBBFLOW_ADMIN_KEY: ADMIN_KEY,
          EBBFLOW_HTTP_PORT: '0',
          EBBFLOW_OCPP_PORT: '0',
          EBBFLOW_STATION_AUTH: 'open',
          ...settings,
        }),
      ),
    );
    const stationLinks = await FaultProxy.open({
      target() {
        const open = nodes.flatMap(({ address }) => (address?.ocpp === undefined ? [] : [address.ocpp]));
        const url = open[Math.floor(random() * open.length)];
        return url === undefined ? undefined : { host: '127.0.0.1', port: Number(new URL(url).port) };
      },
      labelOf: (firstBytes) => /^GET \/ocpp\/([^ ]+)/.exec(firstBytes)?.[1] ?? '',
    });
    return new EngineCluster({ nodes, stationLinks, servers, database, folder });
  }

  get stationsUrl(): string {
    return `ws://127.0.0.1:${this.stationLinks.port}`;
  }

  gateways(): EngineNode[] {
    return this.nodes.filter(({ name }) => !name.startsWith('planner'));
  }

  /** The candidates for planning, whoever holds the lease first. */
  async planners(): Promise<EngineNode[]> {
    const candidates = this.nodes.filter(({ name }) => !name.startsWith('gateway'));
    const leases = await this.query<{ holder: string }>('select holder from ebbflow.leases').catch(() => []);
    const holds = ({ address }: EngineNode) => Number(address?.nodeId === leases[0]?.holder);
    return candidates.sort((one, other) => holds(other) - holds(one));
  }

  /** Asked of the server itself. @throws while it is away */
  query<Row extends object>(text: string): Promise<Row[]> {
    return this.#servers.query<Row>(this.database, text);
  }

  /** The answer of any node with an API; undefined when none gives a good one. */
  async ask(method: string, route: string, body?: object): Promise<unknown> {
    for (const { address } of this.gateways()) {
      if (address === undefined) continue;
      try {
        const response = await fetch(`${address.http}${route}`, {
          method,
          headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
          signal: AbortSignal.timeout(ASK_LIMIT_MS),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const answer: unknown = await response.json();
        if (response.ok) return answer;
      } catch {
        // Another one may answer.
      }
    }
    return undefined;
  }

  /** Of every node, for whoever looks for the cause of a violation. */
  logs(): string {
    return this.nodes.map((node) => `=== ${node.name} ===\n${node.log()}`).join('\n');
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
    await this.stationLinks.close();
    await this.#servers.dropDatabase(this.database);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
