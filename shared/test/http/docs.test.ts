import { expect } from 'chai';
import type { RequestListener } from 'node:http';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import request from 'supertest';
import { toyApp } from './toy-app.js';

/** What is sent, not decompressed. */
async function sentTo(app: RequestListener, path: string, accepted: string) {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const headers = { 'Accept-Encoding': accepted };
  const [response] = (await once(get({ port, path, headers, agent: false }), 'response')) as [IncomingMessage];
  const bytes = await buffer(response);
  server.close();
  // What is compressed as it is sent has no length yet.
  expect(Number(response.headers['content-length']), accepted).to.equal(bytes.length);
  expect(response.headers.vary, accepted).to.include('Accept-Encoding');
  return { encoding: response.headers['content-encoding'], bytes, etag: String(response.headers.etag) };
}

describe('The API documentation', () => {
  it('is served from this origin, under a policy that forbids everything else', async () => {
    const app = toyApp();
    const page = await request(app).get('/docs');
    expect(page.status).to.equal(200);
    expect(page.text).to.not.match(/<script>|https?:|\son\w+=/);
    expect(page.headers['content-security-policy']).to.match(/script-src 'self'(;|$)/);
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source as string);
    expect(sources).to.have.length(4);
    for (const source of sources) expect((await request(app).get(source)).status, source).to.equal(200);
    expect((await request(app).get('/docs/package.json')).status).to.equal(404);
    const document = await request(app).get('/openapi.json');
    expect(document.body.openapi).to.equal('3.1.0');
  });

  for (const path of ['/openapi.json', '/docs', '/docs/swagger-ui-bundle.js'])
    it(`is made and compressed once, not for each caller, by brotli or gzip: ${path}`, async () => {
      const app = toyApp();
      const { encoding, bytes: plain, etag } = await sentTo(app, path, 'identity');
      expect(encoding).to.equal(undefined);
      for (const accepted of ['br', 'gzip, deflate, br']) {
        const packed = await sentTo(app, path, accepted);
        expect([packed.encoding, packed.etag], accepted).to.deep.equal(['br', etag]);
        expect(brotliDecompressSync(packed.bytes).equals(plain), accepted).to.equal(true);
      }
      for (const accepted of ['gzip', 'br;q=0, gzip']) {
        const packed = await sentTo(app, path, accepted);
        expect([packed.encoding, packed.etag], accepted).to.deep.equal(['gzip', etag]);
        expect(gunzipSync(packed.bytes).equals(plain), accepted).to.equal(true);
      }
      expect((await request(app).get(path).set('If-None-Match', etag)).status).to.equal(304);
    });
});
