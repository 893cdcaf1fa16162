import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { createSystemClock } from '../../src/clock/system-clock.js';
import { createGateway } from '../../src/ocpp/gateway/create-gateway.js';
import { answering } from '../../src/ocpp/wire/answering.js';
import { OcppConnection } from '../../src/ocpp/wire/connection.js';
import { createMessageSchemas } from '../../src/ocpp/wire/schemas.js';
import type { StationEvents } from '../../src/ports/station-events.js';
import { serveParent, usage } from './child.js';

/** One end point that answers TransactionEvent, in a process of its own. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

async function serveEcho(): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  server.on('connection', (socket) => {
    socket.on('message', (data) => socket.send(data, { binary: false }));
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The product's gateway: frame, schema, pace, functional block, answer checked. The engine behind it does nothing. */
async function serveGateway(): Promise<number> {
  const engine: Partial<StationEvents> = {
    admit: async () => ({ admitted: true }),
    connected: async () => ({ registered: true }),
    disconnected: () => {},
    heard: () => {},
    nonConformant: () => {},
    transactionEvent: async () => ({}),
  };
  const gateway = await createGateway({
    ...{ host: '127.0.0.1', port: 0, auth: 'open', clock: createSystemClock(1), logger: SILENT },
    events: engine as StationEvents,
    metrics: { count: () => {}, observeSeconds: () => {} },
    limits: { inboundPace: { burst: 1e9, perSecond: 1e6 } },
  });
  return gateway.address.port;
}

/** The product's connection alone, with a handler that does nothing: what the other library does too. */
async function serveConnection(): Promise<number> {
  const server = new WebSocketServer({
    ...{ port: 0, host: '127.0.0.1', perMessageDeflate: false, allowSynchronousEvents: false },
  });
  const schemas = createMessageSchemas('ocpp2.1');
  const onCall = answering({ TransactionEvent: async () => ({}) });
  const limits = { inboundPace: { burst: 1e9, perSecond: 1e6 } };
  server.on('connection', (socket) => new OcppConnection({ role: 'csms', socket, schemas, onCall, limits }));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

interface RpcServer {
  auth(callback: (accept: () => void) => void): void;
  on(
    event: 'client',
    listener: (client: { handle(action: string, handler: () => object): void }) => void,
  ): void;
  listen(port: number, host: string): Promise<{ address(): AddressInfo }>;
}

async function serveOcppRpc(validating: boolean): Promise<number> {
  const require = createRequire(import.meta.url);
  const { RPCServer, createValidator } = require('ocpp-rpc') as {
    RPCServer: new (options: object) => RpcServer;
    createValidator: (protocol: string, schemas: object[]) => object;
  };
  // Its own 2.1 schemas carry names that its validator does not look up.
  const schemas = (require('ocpp-rpc/lib/schemas/ocpp2_1.json') as { $id: string }[]).map((schema) => ({
    ...schema,
    $id: schema.$id.replace(/Request$/, '.req').replace(/Response$/, '.conf'),
  }));
  const server = new RPCServer({
    protocols: ['ocpp2.1'],
    strictMode: validating,
    ...(validating ? { strictModeValidators: [createValidator('ocpp2.1', schemas)] } : {}),
  });
  server.auth((accept) => accept());
  server.on('client', (client) => client.handle('TransactionEvent', () => ({})));
  const http = await server.listen(0, '127.0.0.1');
  return http.address().port;
}

async function serve(contender: string | undefined): Promise<number> {
  switch (contender) {
    case 'ws echo':
      return serveEcho();
    case 'ebbflow connection':
      return serveConnection();
    case 'ebbflow gateway':
      return serveGateway();
    case 'ocpp-rpc, no validation':
      return serveOcppRpc(false);
    case 'ocpp-rpc, validating':
      return serveOcppRpc(true);
    default:
      throw new Error(`no contender is called ${contender}`);
  }
}

serveParent(await serve(process.argv[2]), { usage });
