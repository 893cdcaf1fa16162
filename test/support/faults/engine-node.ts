import { type RunningCli, startCli } from '../cli.js';
import { FaultProxy } from './fault-proxy.js';
import type { FaultServers } from './fault-servers.js';

/** Pause of the supervisor before it starts a node again that ended by itself. */
const RESTART_PAUSE_MS = 300;
/** On a busy machine a process takes its time to begin. */
const BEGIN_LIMIT_MS = 30_000;
const POLL_MS = 50;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** A node cuts a stop short by itself after 15 s. */
const END_LIMIT_MS = 20_000;

export interface NodeAddress {
  readonly nodeId?: string;
  readonly http: string;
  readonly ocpp?: string;
}

/** One node of the engine as a process of its own, under a supervisor, with its own links to the servers. */
export class EngineNode {
  readonly name: string;
  readonly links: { readonly redis: FaultProxy; readonly postgres: FaultProxy };
  /** Ends that nobody ordered after it had served, and stops that were not clean. */
  readonly faults: string[] = [];
  readonly #env: Readonly<Record<string, string>>;
  readonly #outputs: RunningCli[] = [];
  #cli: RunningCli | undefined;
  #address: NodeAddress | undefined;
  #mayRun = true;
  #isOrdered = false;
  #wake: () => void = () => undefined;
  #supervised: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(
    name: string,
    env: Readonly<Record<string, string>>,
    links: { redis: FaultProxy; postgres: FaultProxy },
  ) {
    this.name = name;
    this.#env = env;
    this.links = links;
  }

  static async open(
    name: string,
    servers: FaultServers,
    database: string,
    env: Readonly<Record<string, string>>,
  ): Promise<EngineNode> {
    const [redis, postgres] = await Promise.all([
      FaultProxy.open({ target: () => ({ host: '127.0.0.1', port: servers.redis.port }) }),
      FaultProxy.open({ target: () => ({ path: servers.postgres.socketPath }) }),
    ]);
    const urls = {
      EBBFLOW_REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      EBBFLOW_DATABASE_URL: `postgresql://postgres@127.0.0.1:${postgres.port}/${database}`,
    };
    const node = new EngineNode(name, { ...env, ...urls }, { redis, postgres });
    node.#supervised = node.#supervise();
    return node;
  }

  /** Where it serves; undefined while it is down or starting. */
  get address(): NodeAddress | undefined {
    return this.#address;
  }

  get isAlive(): boolean {
    return this.#cli !== undefined;
  }

  /** Ends it without a word and keeps it down until {@link start}. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it in good order and keeps it down until {@link start}. */
  async stop(): Promise<void> {
    const code = await this.#end('SIGTERM');
    if (code !== undefined && code !== null && code !== 0)
      this.faults.push(`${this.name} stopped with code ${code}`);
  }

  /** Resolves when it serves again, or has had its time to begin. */
  async start(): Promise<void> {
    this.#mayRun = true;
    this.#wake();
    const untilMs = performance.now() + BEGIN_LIMIT_MS;
    while (this.#mayRun && this.#address === undefined && performance.now() < untilMs) await pause(POLL_MS);
  }

  /** It stands still until {@link wakeUp}; its sockets stay open. */
  sleep(): void {
    this.#cli?.process.kill('SIGSTOP');
  }

  wakeUp(): void {
    this.#cli?.process.kill('SIGCONT');
  }

  log(): string {
    return this.#outputs.map((cli) => cli.output()).join(`--- ${this.name} started again ---\n`);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.wakeUp();
    await this.stop();
    this.#wake();
    await this.#supervised;
    await Promise.all([this.links.redis.close(), this.links.postgres.close()]);
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null | undefined> {
    this.#mayRun = false;
    this.#isOrdered = true;
    this.#address = undefined;
    const cli = this.#cli;
    if (cli === undefined) return undefined;
    // One that is still starting has no handlers yet and ends by the signal itself.
    const wasServing = /"event":"ready"/.test(cli.output());
    cli.process.kill(signal);
    const limit = setTimeout(() => {
      this.faults.push(`${this.name} does not end`);
      cli.process.kill('SIGKILL');
    }, END_LIMIT_MS);
    const { code } = await cli.ended;
    clearTimeout(limit);
    return wasServing ? code : undefined;
  }

  async #supervise(): Promise<void> {
    while (!this.#isClosed) {
      if (!this.#mayRun) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      this.#isOrdered = false;
      const cli = startCli(['serve'], this.#env);
      this.#cli = cli;
      this.#outputs.push(cli);
      const isReady = await cli.printed(/^.*"event":"ready".*$/m).then(
        ([line]) => {
          if (!this.#isOrdered) this.#address = JSON.parse(line) as NodeAddress;
          return true;
        },
        () => false,
      );
      const { code } = await cli.ended;
      this.#cli = undefined;
      this.#address = undefined;
      if (this.#isOrdered) continue;
      if (isReady) this.faults.push(`${this.name} ended by itself with code ${code}`);
      await pause(RESTART_PAUSE_MS);
    }
  }
}
