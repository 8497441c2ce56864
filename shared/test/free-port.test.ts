import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '../testing/free-port.js';

describe('A free port for tests', () => {
  it('is below those that connections are given, and another one each time', async () => {
    const ports = [await freePort(), await freePort(), await freePort()];
    expect(new Set(ports).size).to.equal(3);
    for (const port of ports) expect(port).to.be.within(10_000, 15_999);
  });

  it('is not one that somebody listens on', async () => {
    const taken = await freePort();
    const server = createServer().listen(taken, '127.0.0.1');
    await once(server, 'listening');
    for (let calls = 0; calls < 200; calls += 1) expect(await freePort()).to.not.equal(taken);
    server.close();
    await once(server, 'close');
  });
});
