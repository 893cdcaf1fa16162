import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGatewayAgent, type GatewayAgent } from '../../src/cluster/gateway-agent.js';
import type { AskHandler, NodeBus, TellHandler } from '../../src/cluster/node-bus.js';
import { announceTerm, watchPlanner } from '../../src/cluster/planner-term.js';
import { createStationDirectory, type StationDirectory } from '../../src/cluster/station-directory.js';
import { EbbflowError } from '../../src/domain/errors.js';
import { asStationId } from '../../src/domain/ids.js';
import { FakeStationEvents } from '../ocpp/gateway/fake-station-events.js';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const [ONE, OTHER] = [asStationId('CS-1'), asStationId('CS-2')];

/** Buses in one process; what is sent while `isCut` is lost. */
class LocalBuses {
  isCut = false;
  readonly #nodes = new Map<string, { asks: Map<string, AskHandler>; tells: Map<string, TellHandler> }>();

  open(nodeId: string): NodeBus {
    const asks = new Map<string, AskHandler>();
    const tells = new Map<string, TellHandler>();
    this.#nodes.set(nodeId, { asks, tells });
    const tell = (to: string, topic: string, body: unknown): void => {
      if (!this.isCut) this.#nodes.get(to)?.tells.get(topic)?.(nodeId, body);
    };
    return {
      nodeId,
      tell,
      tellEverybody: (topic, body) => {
        for (const to of this.#nodes.keys()) tell(to, topic, body);
      },
      ask: async (to, topic, body) => {
        const handler = this.isCut ? undefined : this.#nodes.get(to)?.asks.get(topic);
        if (handler === undefined) throw new EbbflowError('NODE_UNREACHABLE', 'cut');
        return handler(nodeId, body);
      },
      onAsk: (topic, handler) => void asks.set(topic, handler),
      onTell: (topic, handler) => void tells.set(topic, handler),
      giveUpOn: () => undefined,
      ping: async () => undefined,
      close: async () => undefined,
    };
  }
}

describe('the planner’s directory of stations', () => {
  let buses: LocalBuses;
  let agent: GatewayAgent;
  let directory: StationDirectory;
  let endTerm: () => void;
  const online = () => [ONE, OTHER].filter((stationId) => directory.link.isOnline(stationId));

  beforeEach(async () => {
    vi.useFakeTimers();
    buses = new LocalBuses();
    const planner = buses.open('planner');
    const gateway = buses.open('gateway');
    agent = createGatewayAgent(gateway, watchPlanner(gateway), quiet);
    directory = createStationDirectory(planner, {
      token: 1,
      isHeld: () => true,
      events: new FakeStationEvents(),
      logger: quiet,
    });
    endTerm = announceTerm(planner, 1);
    await agent.events.connected(ONE, 'ocpp2.1');
    await agent.events.connected(OTHER, 'ocpp2.1');
  });
  afterEach(() => {
    endTerm();
    agent.stop();
    directory.stop();
    vi.useRealTimers();
  });

  it('gives up a silent gateway’s stations and has them again when the gateway is heard again', async () => {
    expect(online()).toEqual([ONE, OTHER]);
    buses.isCut = true;
    await vi.advanceTimersByTimeAsync(8_000);
    expect(online()).toEqual([]);
    buses.isCut = false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(online()).toEqual([ONE, OTHER]);
  });

  it('drops a station whose going was not heard, and keeps the others', async () => {
    buses.isCut = true;
    agent.events.disconnected(OTHER);
    await vi.advanceTimersByTimeAsync(0);
    buses.isCut = false;
    expect(online()).toEqual([ONE, OTHER]);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(online()).toEqual([ONE]);
  });
});
