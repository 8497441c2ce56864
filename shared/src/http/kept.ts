/** Answers that are the same for everybody: made and compressed once. */
import type { RequestHandler } from 'express';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const ENCODINGS = ['br', 'gzip'] as const;
const compress = {
  br: (plain: Buffer) => promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: promisify(gzip),
};

/**
 * Answers every request with one body, made and compressed at the first one: compressing a large one for every caller takes the
 * processor 50 ms, and whoever likes may call. `caching`: for how long a browser may use it without asking.
 */
export function kept(type: string, make: () => string | Buffer, caching = 'no-cache'): RequestHandler {
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
    response
      .set({ 'Cache-Control': `${caching}, no-transform`, ETag: etag })
      .vary('Accept-Encoding')
      .type(type);
    if (request.fresh) return void response.status(304).end();
    const encoding = ENCODINGS.find((name) => request.acceptsEncodings(name) === name);
    if (!encoding) return void response.send(plain);
    response.set('Content-Encoding', encoding).send(packed[encoding]);
  };
}
