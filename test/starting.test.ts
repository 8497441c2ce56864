/** What a process answers before it is ready: it listens first, opens its stores, catches up, and only then serves. */
import { freePort } from '@creator-dashboards/shared/testing/free-port';
import { expect } from 'chai';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLauncher } from './support/child.js';

interface Answered {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

async function ask(port: number, path: string): Promise<Answered | null> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
  if (!response) return null;
  return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await response.text() };
}

/** The first answer: while nobody listens there is none. */
async function firstAnswer(port: number, path: string): Promise<Answered> {
  for (;;) {
    const answer = await ask(port, path);
    if (answer) return answer;
  }
}

describe('A process that starts', function () {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'starting-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is alive and not ready while the demonstration is told, refuses the API with Retry-After, then serves', async () => {
    const launcher = await createLauncher();
    try {
      const port = await freePort();
      const child = launcher.launch({ DATA_DIR: folder, PORT: String(port), DEMO: '1' });
      expect(await firstAnswer(port, '/livez')).to.deep.include({ status: 200, text: '{"alive":true}' });
      const early = await Promise.all(
        ['/readyz', '/api/v1/creators/dashboard', '/docs'].map((path) => firstAnswer(port, path)),
      );
      expect(child.said()).not.to.include('Creator dashboards');
      expect(early.map(({ status }) => status)).to.deep.equal([503, 503, 503]);
      expect(early[0]?.text).to.include('"ready":false');
      expect(early[1]).to.include({ retryAfter: '2' });
      expect(early[1]?.text).to.include('common.unavailable');
      await child.ready;
      expect((await ask(port, '/api/v1/creators/dashboard'))?.status).to.equal(401);
      while ((await ask(port, '/readyz'))?.status !== 200);
      child.kill('SIGTERM');
      expect(await child.ended).to.deep.equal({ code: 0, signal: null });
    } finally {
      await launcher.close();
    }
  });

  it('tells in words that its port is taken, before it tells the demonstration', async () => {
    const launcher = await createLauncher();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = other.address() as AddressInfo;
      const child = launcher.launch({ DATA_DIR: folder, PORT: String(port), DEMO: '1', LOG_FORMAT: 'text' });
      expect(await child.ended).to.deep.equal({ code: 1, signal: null });
      expect(child.said()).to.equal(
        'FATAL  The configuration cannot be used:\n' +
          `  - PORT: ${port} of 127.0.0.1 is taken by another process: stop that one, or choose another port (EADDRINUSE)\n`,
      );
      expect(existsSync(join(folder, 'demo.json'))).to.equal(false);
    } finally {
      other.close();
      await launcher.close();
    }
  });

  for (const service of ['command-service', 'projector', 'query-service'])
    it(`is alive while its stores are away, and says which it waits for, in /readyz and on its output: ${service}`, async () => {
      const launcher = await createLauncher({ entry: `${service}/src/main.ts`, readyWords: '"ready"' });
      try {
        const [port, nobody] = [await freePort(), await freePort()];
        const env = { DATA_DIR: folder, READ_STORE_URL: `mongodb://127.0.0.1:${nobody}/views`, NODE_ENV: 'test' };
        const child = launcher.launch({ ...env, PORT: String(port) });
        expect((await firstAnswer(port, '/livez')).status).to.equal(200);
        const waits = /^\{"ready":false,"checks":\{"stores":"waiting for MongoDB \(READ_STORE_URL\), \d+ of 30 s"\}\}$/;
        let red = await firstAnswer(port, '/readyz');
        while (!waits.test(red.text)) {
          expect(red.text).to.match(/being opened|waiting for (events|keys)\.db/); // before it comes to that store
          red = await firstAnswer(port, '/readyz');
        }
        expect(red.status).to.equal(503);
        expect(await firstAnswer(port, '/api/v1/creators/dashboard')).to.include({ status: 503, retryAfter: '2' });
        while (!/still starting: waiting for MongoDB \(READ_STORE_URL\), \d+ of 30 s/.test(child.said()))
          await ask(port, '/livez');
        child.kill('SIGKILL');
      } finally {
        await launcher.close();
      }
    });
});
