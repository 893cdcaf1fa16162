import { fileURLToPath } from 'node:url';
import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

// The dashboard. Everything it loads comes from its own host: no inline script, style or font.
export default defineConfig({
  root: fileURLToPath(new URL('src/dashboard', import.meta.url)),
  plugins: [preact()],
  build: {
    outDir: fileURLToPath(new URL('dist/dashboard', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
  },
});
