import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { ApiServer } from './api-server.js';

/** Serves the built dashboard at `/`. Returns whether there is one; without it the API works all the same. */
export async function serveDashboard(app: ApiServer, dashboardDir: string): Promise<boolean> {
  if (!existsSync(join(dashboardDir, 'index.html'))) return false;
  await app.register(fastifyStatic, {
    root: dashboardDir,
    // Known files only: every other path gets the API's own 404.
    wildcard: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // Vite names assets by their content; the page itself must be asked for anew.
      const isAsset = path.startsWith(join(dashboardDir, 'assets'));
      reply.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  return true;
}
