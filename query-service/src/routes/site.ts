/** Where the pages of the workspace `pages/` are served. */
import type { Site } from '@creator-dashboards/shared/http/site';
import { join } from 'node:path';

/** Each is told apart in the browser (`pages/src/main.ts`). No username reads like one of their first segments (G53). */
const PATHS = ['/', '/login', '/auth/reset-password', '/auth/verify-email', '/me{/*rest}', '/console{/*rest}'] as const;

/** From the sources and from what is built alike, since `src` and `dist` are beside each other. */
export function builtSite(): Site {
  return { folder: join(import.meta.dirname, '../../../pages/dist'), paths: PATHS };
}
