/** /openapi.json and a page to read and try it at /docs, all from this process: no CDN, no inline script. */
import { Router } from 'express';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { kept } from './kept.js';

const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Swagger UI sets style attributes and draws its icons from data: URLs; scripts come from this origin only. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const page = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>API documentation</title>
  <link rel="stylesheet" href="/docs/swagger-ui.css">
  <link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
  <div id="docs"></div>
  <script src="/docs/swagger-ui-bundle.js"></script>
  <script src="/docs/start.js"></script>
</body>
</html>
`;

const script = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true, persistAuthorization: false, validatorUrl: null });
`;

const served = ['/swagger-ui.css', '/swagger-ui-bundle.js', '/favicon-32x32.png'];

/** `document` is called once, at the first request. */
export function docsRoutes(document: () => object): Router {
  const router = Router();
  router.get(
    '/openapi.json',
    kept('application/json', () => JSON.stringify(document())),
  );
  router.use('/docs', (_request, response, next) => {
    response.set('Content-Security-Policy', policy);
    next();
  });
  router.get(
    '/docs',
    kept('html', () => page),
  );
  router.get(
    '/docs/start.js',
    kept('text/javascript', () => script),
  );
  for (const file of served)
    router.get(
      `/docs${file}`,
      kept(extname(file), () => readFileSync(join(assets, file))),
    );
  return router;
}
