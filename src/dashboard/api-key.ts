const STORAGE_KEY = 'ebbflow-api-key';

/**
 * The API key of this tab: from `#key=…` in the address, which is cleared at once so that the key does not
 * stay in the history or on a shared screen, else what the tab kept.
 */
export function takeApiKey(): string | null {
  const fromAddress = new URLSearchParams(location.hash.slice(1)).get('key');
  if (fromAddress) {
    history.replaceState(null, '', location.pathname + location.search);
    keepApiKey(fromAddress);
    return fromAddress;
  }
  return sessionStorage.getItem(STORAGE_KEY);
}

export function keepApiKey(apiKey: string): void {
  sessionStorage.setItem(STORAGE_KEY, apiKey);
}

export function forgetApiKey(): void {
  sessionStorage.removeItem(STORAGE_KEY);
}
