/** /openapi.json and a page to read and try it at /docs, all from this process: no CDN, no inline script. */
import { Router, type RequestHandler } from 'express';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

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

const ENCODINGS = ['br', 'gzip'] as const;
const compress = {
  br: (plain: Buffer) => promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: promisify(gzip),
};

/**
 * Answers every request with one body, made and compressed at the first one: compressing a large one for every caller takes the
 * processor 50 ms, and whoever likes may call.
 */
function kept(type: string, make: () => string | Buffer): RequestHandler {
  async function madeOnce() {
    const plain = Buffer.from(make());
    // Weak: the same whatever the encoding.
    const etag = `W/"${createHash('sha256').update(plain).digest('base64url')}"`;
    return { plain, br: await compress.br(plain), gzip: await compress.gzip(plain), etag };
  }
  let made: ReturnType<typeof madeOnce> | undefined;
  return async (request, response) => {
    made ??= madeOnce();
    const { plain, etag, ...packed } = await made;
    // no-transform: nor by the middleware that compresses other answers.
    response.set({ 'Cache-Control': 'no-cache, no-transform', ETag: etag }).vary('Accept-Encoding').type(type);
    if (request.fresh) return void response.status(304).end();
    const encoding = ENCODINGS.find((name) => request.acceptsEncodings(name) === name);
    if (!encoding) return void response.send(plain);
    response.set('Content-Encoding', encoding).send(packed[encoding]);
  };
}
