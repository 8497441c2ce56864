import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { toyApp } from './toy-app.js';

describe('The site', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'site-'));
    mkdirSync(join(folder, 'ab12/app'), { recursive: true });
    writeFileSync(join(folder, 'index.html'), '<!doctype html>');
    writeFileSync(join(folder, 'ab12/app/main.js'), 'export {};');
    writeFileSync(join(folder, 'ab12/main.css'), 'a{}');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const serving = () => toyApp({ site: { folder, paths: ['/', '/me{/*rest}'] } });

  it('answers its shell at each of its paths, and nowhere else', async () => {
    const app = serving();
    for (const path of ['/', '/me', '/me/payouts/2']) {
      const { status, type, text } = await request(app).get(path);
      expect([status, type, text], path).to.deep.equal([200, 'text/html', '<!doctype html>']);
    }
    for (const path of ['/mean', '/index.html', '/pages/index.html', '/pages/ab12/app', '/pages/ab12/../index.html'])
      expect((await request(app).get(path)).status, path).to.equal(404);
  });

  it('tells its pages of a demonstration, so that they ask whom it has only where it is', async () => {
    writeFileSync(join(folder, 'index.html'), '<html lang="en">');
    const shellOf = async (isDemo: boolean) =>
      (await request(toyApp({ site: { folder, paths: ['/'], isDemo } })).get('/')).text;
    expect(await shellOf(true)).to.equal('<html data-demo lang="en">');
    expect(await shellOf(false)).to.equal('<html lang="en">');
  });

  it('lets a page load from this origin alone, no inline script, and make no script of a text', async () => {
    const { headers } = await request(serving()).get('/');
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).to.include.members([
      ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"],
      ...["frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"],
    ]);
    expect(policy.join()).to.not.match(/unsafe|https?:|\*/);
  });

  it('lets a browser keep files for ever, and ask for the shell each time', async () => {
    const app = serving();
    const script = await request(app).get('/pages/ab12/app/main.js');
    expect([script.status, script.type]).to.deep.equal([200, 'text/javascript']);
    expect(script.headers['cache-control']).to.include('max-age=31536000, immutable');
    expect((await request(app).get('/pages/ab12/main.css')).type).to.equal('text/css');
    const shell = await request(app).get('/');
    expect(shell.headers['cache-control']).to.include('no-cache');
    const known = await request(app).get('/').set('If-None-Match', String(shell.headers.etag));
    expect(known.status).to.equal(304);
  });

  it('leaves what the API does not have to the API', async () => {
    const { status, body } = await request(serving()).get('/api/v1/nothing');
    expect([status, body.error.code]).to.deep.equal([404, 'COMMON_NOT_FOUND']);
  });

  it('is not there as long as it was not built', async () => {
    for (const missing of [join(folder, 'none'), join(folder, 'ab12')])
      expect((await request(toyApp({ site: { folder: missing, paths: ['/'] } })).get('/')).status).to.equal(404);
  });
});
