import { signal } from '@preact/signals';
import { createApiClient } from './api-client.js';
import { forgetApiKey, keepApiKey, takeApiKey } from './api-key.js';
import { FleetPage } from './fleet-page.js';
import { createLiveState, type LiveState } from './live-state.js';
import { SignIn } from './sign-in.js';

/** Either the fleet, live, or the question for a key. */
export function App() {
  const live = signedIn.value;
  if (!live) return <SignIn refusal={refusal.value} onKey={enter} />;
  return <FleetPage live={live} onSignOut={() => leave(null)} />;
}

const signedIn = signal<LiveState | null>(null);
const refusal = signal<string | null>(null);

function enter(apiKey: string): void {
  keepApiKey(apiKey);
  refusal.value = null;
  const live = createLiveState(createApiClient(apiKey), () => leave('The API does not take this key.'));
  signedIn.value = live;
  live.start();
}

function leave(reason: string | null): void {
  forgetApiKey();
  signedIn.value?.stop();
  signedIn.value = null;
  refusal.value = reason;
}

const kept = takeApiKey();
if (kept !== null) enter(kept);
