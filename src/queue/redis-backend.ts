import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from '../ports/logger.js';
import { type DispatchJob, MAX_EVENTS_KEPT, QUEUE_NAME } from './job-policy.js';
import { createOutageLog, type OutageLog } from './outage-log.js';
import type { QueueBackend } from './queue-backend.js';

const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_PAUSE_MS = 250;
/** A connection that owes an answer for so long is half open. A worker waits for its next job for up to ten seconds. */
const PRODUCER_SILENT_MS = 4_000;
const CONSUMER_SILENT_MS = 15_000;
/** A call of ours fails after so many attempts to reconnect: three seconds, when the port is closed. */
const RETRIES_PER_CALL = 12;

const PING_KEY = 'ebbflow:ping';
const PING_KEY_S = 60;

/** BullMQ on Redis 6.2 or newer, or Valkey. Connections come back by themselves. */
export async function createRedisBackend(redisUrl: string, logger: Logger): Promise<QueueBackend> {
  const outage = createOutageLog('Redis', logger);
  const producer = connection(redisUrl, RETRIES_PER_CALL, outage);
  try {
    await producer.connect();
  } catch (error) {
    producer.disconnect();
    throw error;
  }
  // BullMQ asks that a worker's connection never gives up a command.
  const consumer = connection(redisUrl, null, outage);
  const jobs = new Queue<DispatchJob>(QUEUE_NAME, {
    connection: producer,
    streams: { events: { maxLen: MAX_EVENTS_KEPT } },
  });
  jobs.on('error', outage.failed);
  return {
    jobs,
    createWorker: (process, settings) =>
      new Worker<DispatchJob>(QUEUE_NAME, process, { connection: consumer, ...settings }),
    async ping() {
      // A server without memory answers a PING and takes no hint.
      await producer.set(PING_KEY, '1', 'EX', PING_KEY_S);
    },
    async close() {
      consumer.disconnect();
      producer.disconnect();
    },
  };
}

function connection(redisUrl: string, retriesPerCall: number | null, outage: OutageLog): Redis {
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: retriesPerCall,
    socketTimeout: retriesPerCall === null ? CONSUMER_SILENT_MS : PRODUCER_SILENT_MS,
    retryStrategy: () => RECONNECT_PAUSE_MS,
  });
  redis.on('error', outage.failed);
  redis.on('ready', outage.recovered);
  return redis;
}
