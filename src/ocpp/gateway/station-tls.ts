import { constants } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';
import { invalidInput } from '../../domain/errors.js';

/** TLS of the station end point: security profile 2, and 3 with a CA of the stations. */
export interface StationTls {
  /** PEM: the server's certificate, then the chain that stations need. */
  readonly certFile: string;
  /** PEM: its private key, without passphrase. */
  readonly keyFile: string;
  /** PEM: the CA that signs station certificates; asks every station for one. */
  readonly clientCaFile?: string;
  /** Whether a station without certificate may come with its password (profile 2). */
  readonly clientCertificates: 'optional' | 'required';
}

/** A peer that does not finish its TLS handshake in this time is dropped. */
const TLS_HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * Reads the files and proves that certificate, key and CA can be used together.
 * @throws EbbflowError INVALID_INPUT that names the file; never its content.
 */
export async function readTlsFiles(tls: StationTls): Promise<SecureContextOptions> {
  const context: SecureContextOptions = {
    cert: await read('certFile', tls.certFile),
    key: await read('keyFile', tls.keyFile),
    ...(tls.clientCaFile === undefined ? {} : { ca: await read('clientCaFile', tls.clientCaFile) }),
    // OCPP 2.1 A00: TLS 1.2 or later.
    minVersion: 'TLSv1.2',
    // A resumed session would pass with a certificate that a new CA file no longer takes.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
  try {
    createSecureContext(context);
  } catch (error) {
    throw invalidInput('stationTls', `${reasonOf(error)} (${Object.values(tls).join(', ')})`);
  }
  return context;
}

/** Options of the HTTPS server beside the context. An untrusted certificate is judged, and logged, later. */
export function tlsServerOptions(tls: StationTls): TlsOptions {
  return {
    handshakeTimeout: TLS_HANDSHAKE_TIMEOUT_MS,
    requestCert: tls.clientCaFile !== undefined,
    rejectUnauthorized: false,
  };
}

async function read(field: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw invalidInput(`stationTls.${field}`, `${file} cannot be read: ${reasonOf(error)}`);
  }
}

/** OpenSSL and the file system name the fault by a code; their texts never hold key material. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
