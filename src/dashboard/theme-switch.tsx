import { signal } from '@preact/signals';

type Theme = 'light' | 'dark';
const STORAGE_KEY = 'ebbflow-theme';
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

/** The theme in use: the reader's choice, else the system's. Charts redraw when it changes. */
export const theme = signal<Theme>(chosen() ?? (systemIsDark.matches ? 'dark' : 'light'));

systemIsDark.addEventListener('change', ({ matches }) => {
  if (!chosen()) theme.value = matches ? 'dark' : 'light';
});
theme.subscribe((name) => {
  document.documentElement.dataset.theme = name;
});

export function ThemeSwitch() {
  const other = theme.value === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      class="quiet"
      onClick={() => {
        localStorage.setItem(STORAGE_KEY, other);
        theme.value = other;
      }}
    >
      {other === 'dark' ? 'Dark' : 'Light'}
      <span class="visually-hidden"> theme</span>
    </button>
  );
}

function chosen(): Theme | null {
  const kept = localStorage.getItem(STORAGE_KEY);
  return kept === 'light' || kept === 'dark' ? kept : null;
}
