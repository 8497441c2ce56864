/** Our pages that run in browsers: built files, and one shell of HTML that loads them. Nothing of them comes from elsewhere. */
import { Router } from 'express';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { kept } from './kept.js';

export interface Site {
  /** Holds `index.html`, the shell, and below a folder named by a hash of them the files that the shell loads. */
  readonly folder: string;
  /** Where the shell is answered, as paths of Express. */
  readonly paths: readonly string[];
  /** Pages then ask whom the demonstration has to act as. */
  readonly isDemo?: boolean;
}

const SHELL = 'index.html';

/** Scripts, styles and data from this origin only; no script can be made of a text. The templates' own policy makes elements of constants. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types lit-html',
].join('; ');

/** A file's address changes with its content. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** Without a site, or one that was not built, no routes. */
export function siteRoutes(site: Site | null): Router {
  const router = Router({ caseSensitive: true });
  const files = site === null ? [] : filesIn(site.folder);
  if (site === null || !files.includes(SHELL)) return router;
  const read = (file: string) => readFileSync(join(site.folder, file));
  for (const file of files.filter((each) => each !== SHELL))
    router.get(
      `/pages/${file}`,
      kept(extname(file), () => read(file), FOR_EVER),
    );
  const mark = (html: string) => (site.isDemo ? html.replace('<html', '<html data-demo') : html);
  const shell = kept('html', () => Buffer.from(mark(read(SHELL).toString())));
  router.get([...site.paths], (request, response, next) => {
    response.set('Content-Security-Policy', policy);
    return shell(request, response, next);
  });
  return router;
}

/** Paths from the folder on. */
function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) =>
        join(parentPath, name)
          .slice(folder.length + 1)
          .replaceAll(sep, '/'),
      );
  } catch {
    return []; // not built
  }
}
