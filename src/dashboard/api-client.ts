import type { Problem } from './api-contract.js';

/** A refusal by the API, in its own words. */
export class ApiProblem extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.name = 'ApiProblem';
    this.status = status;
  }
}

export interface ApiClient {
  /** The document at `path`. Throws ApiProblem for a refusal, TypeError when the server is out of reach. */
  get<Document>(path: string): Promise<Document>;
  /** The open body of an event stream. Throws like `get`. */
  stream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

export function createApiClient(apiKey: string): ApiClient {
  async function ask(path: string, options: RequestInit = {}): Promise<Response> {
    const response = await fetch(path, { ...options, headers: { authorization: `Bearer ${apiKey}` } });
    if (!response.ok) throw await problemOf(response);
    return response;
  }
  return {
    get: async (path) => (await ask(path)).json(),
    async stream(path, signal) {
      const { body } = await ask(path, { signal });
      if (!body) throw new ApiProblem(502, 'The server sent no events');
      return body;
    },
  };
}

/** Whether the key was the trouble: unknown, or taken back. */
export function isRefusedKey(error: unknown): boolean {
  return error instanceof ApiProblem && (error.status === 401 || error.status === 403);
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json');
  if (!isProblem) return new ApiProblem(response.status, `The server answered ${response.status}`);
  const { detail, title }: Problem = await response.json();
  return new ApiProblem(response.status, detail || title);
}
