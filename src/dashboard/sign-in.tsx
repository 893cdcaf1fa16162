import { useState } from 'preact/hooks';
import { ApiProblem, createApiClient, isRefusedKey } from './api-client.js';
import type { Fleet } from './api-contract.js';
import { Wordmark } from './wordmark.js';

interface SignInProps {
  readonly refusal: string | null;
  readonly onKey: (apiKey: string) => void;
}

/** Asks for an API key and tries it before letting anyone in. */
export function SignIn({ refusal, onKey }: SignInProps) {
  const [fault, setFault] = useState(refusal);
  const [trying, setTrying] = useState(false);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const apiKey = form instanceof HTMLFormElement ? String(new FormData(form).get('apiKey')).trim() : '';
    if (apiKey === '') return setFault('Enter an API key.');
    setTrying(true);
    try {
      await createApiClient(apiKey).get<Fleet>('/v1/fleet');
      onKey(apiKey);
    } catch (error) {
      setTrying(false);
      setFault(faultText(error));
    }
  }

  return (
    <main class="sign-in">
      <form class="card" onSubmit={submit} noValidate>
        <Wordmark />
        <p class="muted">See your fleet breathe. Any API key with the role viewer will do.</p>
        <label for="api-key">API key</label>
        <input
          id="api-key"
          name="apiKey"
          type="password"
          autocomplete="off"
          spellcheck={false}
          aria-describedby="fault"
        />
        <p id="fault" role="alert" class="fault">
          {fault}
        </p>
        <button type="submit" class="primary" disabled={trying}>
          {trying ? 'Trying the key …' : 'Open the fleet'}
        </button>
      </form>
    </main>
  );
}

function faultText(error: unknown): string {
  if (isRefusedKey(error)) return 'The API does not take this key.';
  return error instanceof ApiProblem ? error.message : 'The server is out of reach.';
}
