/** /openapi.json and a page to read and try it at /docs, all from this process: no CDN, no inline script. */
import express, { Router } from 'express';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

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
  let json: string | undefined;
  router.get('/openapi.json', (_request, response) => {
    json ??= JSON.stringify(document());
    response.set('Cache-Control', 'no-cache').type('application/json').send(json);
  });
  router.use('/docs', (_request, response, next) => {
    response.set('Content-Security-Policy', policy);
    next();
  });
  router.get('/docs', (_request, response) => void response.type('html').send(page));
  router.get('/docs/start.js', (_request, response) => void response.type('text/javascript').send(script));
  const files = express.static(assets, { index: false, redirect: false });
  router.use('/docs', (request, response, next) => {
    if (served.includes(request.path)) files(request, response, next);
    else next();
  });
  return router;
}
