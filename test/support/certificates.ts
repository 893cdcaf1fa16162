import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface IssuedCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface CertificateWish {
  readonly commonName: string;
  /** Lines of an OpenSSL alternative-name section, e.g. `DNS.1=CS-1`. */
  readonly alternativeNames?: readonly string[];
  readonly usage: 'serverAuth' | 'clientAuth';
  /** Below zero: it is over already. */
  readonly days?: number;
}

/** A certificate authority of its own in a temporary folder, by the openssl program. */
export class TestAuthority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ebbflow-ca-'));
  readonly caFile = join(this.#folder, 'ca.pem');
  readonly #caKeyFile = join(this.#folder, 'ca.key');
  #issued = 0;

  constructor() {
    openssl(
      ...['req', '-x509', ...NEW_KEY, '-keyout', this.#caKeyFile, '-out', this.caFile],
      ...['-subj', '/CN=Test CA', '-days', '2'],
    );
  }

  get ca(): string {
    return readFileSync(this.caFile, 'utf8');
  }

  issue({ commonName, alternativeNames = [], usage, days = 2 }: CertificateWish): IssuedCertificate {
    this.#issued += 1;
    const path = (ending: string): string => join(this.#folder, `${this.#issued}.${ending}`);
    const [keyFile, certFile, request, extensions] = [path('key'), path('pem'), path('csr'), path('ext')];
    const names = alternativeNames.length === 0 ? [] : ['subjectAltName=@san', '[san]', ...alternativeNames];
    writeFileSync(
      extensions,
      ['basicConstraints=critical,CA:FALSE', `extendedKeyUsage=${usage}`, ...names, ''].join('\n'),
    );
    openssl(
      ...['req', '-new', ...NEW_KEY, '-keyout', keyFile, '-out', request],
      ...['-subj', `/O=Test operator/CN=${commonName}`],
    );
    openssl(
      ...['x509', '-req', '-in', request, '-CA', this.caFile, '-CAkey', this.#caKeyFile, '-CAcreateserial'],
      ...['-days', String(days), '-extfile', extensions, '-out', certFile],
    );
    return { keyFile, certFile, key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(...args: string[]): void {
  const { error, status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (error !== undefined) {
    throw new Error('OpenSSL is missing: install it with "apt-get install openssl"', { cause: error });
  }
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
}
