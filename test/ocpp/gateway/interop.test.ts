import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asStationId } from '../../../src/domain/ids.js';
import { GatewayBench, PASSWORD } from './gateway-bench.js';

/** The part of ocpp-rpc's client that is used here; its own types do not cover `call` well. */
interface RpcClient {
  connect(): Promise<unknown>;
  call(action: string, payload: object): Promise<unknown>;
  handle(action: string, handler: (call: { params: object }) => object): void;
  close(options?: { code?: number }): Promise<unknown>;
}
const { RPCClient } = createRequire(import.meta.url)('ocpp-rpc') as {
  RPCClient: new (options: object) => RpcClient;
};

let bench: GatewayBench;
let client: RpcClient;
beforeEach(async () => {
  bench = await new GatewayBench().start();
  bench.know('interop', false);
});
afterEach(async () => {
  await client.close();
  await bench.stop();
});

async function connect(protocol: string): Promise<void> {
  const { host, port } = bench.gateway.address;
  client = new RPCClient({
    endpoint: `ws://${host}:${port}/ocpp`,
    identity: 'interop',
    password: PASSWORD,
    protocols: [protocol],
    strictMode: false,
    reconnect: false,
  });
  await client.connect();
}

describe('with the station side of another implementation (ocpp-rpc)', () => {
  it.each(['ocpp2.1', 'ocpp2.0.1'])('boots, beats and is asked over %s', async (protocol) => {
    await connect(protocol);
    await expect(client.call('Heartbeat', {})).rejects.toMatchObject({ rpcErrorCode: 'SecurityError' });
    await expect(
      client.call('BootNotification', {
        reason: 'PowerUp',
        chargingStation: { model: 'Other', vendorName: 'Peer' },
      }),
    ).resolves.toMatchObject({ status: 'Accepted', interval: 300 });
    await expect(client.call('Heartbeat', {})).resolves.toEqual({ currentTime: expect.any(String) });
    client.handle('SetVariables', ({ params }) => ({
      setVariableResult: (
        params as { setVariableData: { component: object; variable: object }[] }
      ).setVariableData.map(({ component, variable }) => ({
        component,
        variable,
        attributeStatus: 'Accepted',
      })),
    }));
    const write = { component: 'SampledDataCtrlr', variable: 'TxUpdatedInterval', value: '60' };
    await expect(bench.gateway.link.writeVariables(asStationId('interop'), [write])).resolves.toEqual([
      { ...write, status: 'Accepted' },
    ]);
    // Not handled there: it answers NotImplemented, which is an answer for us.
    await expect(bench.gateway.link.requestInventory(asStationId('interop'))).resolves.toBe('not-supported');
  });
});
