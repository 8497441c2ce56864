import { expect } from 'chai';
import request from 'supertest';
import { createLog } from '../../src/process/log.js';
import { bearer, toyApp, userId } from './toy-app.js';

/** A log whose lines can be read. */
function readableLog(level: 'debug' | 'info' | 'silent' = 'info') {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ logLevel: level }, 'toys', { write: (line) => void lines.push(JSON.parse(line)) });
  return { log, lines, text: () => JSON.stringify(lines) };
}

describe('The log', () => {
  it('has one line per request: who, which route, outcome and correlation id', async () => {
    const { log, lines } = readableLog();
    const app = toyApp({ log });
    await request(app)
      .get(`/api/v1/things/${userId}?private=1`)
      .set({ Authorization: bearer(), 'X-Correlation-Id': userId });
    expect(lines).to.have.length(1);
    const { durationMs, time, ...line } = lines[0] as Record<string, unknown>;
    expect(durationMs).to.be.a('number');
    expect(time).to.be.a('string');
    expect(line).to.deep.include({
      level: 'info',
      name: 'toys',
      correlationId: userId,
      method: 'GET',
      route: '/things/:id',
      status: 200,
      userId,
      msg: 'request',
    });
    expect(JSON.stringify(line)).to.not.contain('private');
  });

  it('has an unexpected error in full, with the correlation id that the caller was given', async () => {
    const { log, lines } = readableLog();
    const response = await request(toyApp({ log })).get('/api/v1/failures/other');
    const failure = lines.find((line) => line.msg === 'a request failed') as {
      correlationId: string;
      err: { message: string; stack: string };
    };
    expect(failure.correlationId).to.equal(response.body.error.correlationId);
    expect(failure.err.message).to.equal('secret at /srv/app/secret.ts:12');
    expect(failure.err.stack).to.contain('toy-app');
  });

  it('keeps probes, ready or not, and unknown paths below the default level', async () => {
    const { log, lines } = readableLog();
    await request(toyApp({ log })).get('/livez');
    const notReady = await request(toyApp({ log, ready: async () => ({ ready: false, checks: {} }) })).get('/readyz');
    expect(notReady.status).to.equal(503);
    await request(toyApp({ log })).get('/wp-login.php');
    expect(lines).to.deep.equal([]);
  });

  it('redacts secrets at any depth', () => {
    const { log, text } = readableLog();
    const secrets = {
      authorization: 'Bearer s3cret',
      cookie: 's3cret',
      password: 's3cret',
      token: 's3cret',
      'x-signature': 's3cret',
    };
    log.info(secrets);
    log.info({ headers: secrets });
    log.info({ req: { headers: secrets } });
    log.info({ err: { config: { headers: secrets } } });
    expect(text()).to.not.contain('s3cret');
    expect(text().match(/\[redacted\]/g)).to.have.length(20);
  });

  it('is silent when configured so', async () => {
    const { log, lines } = readableLog('silent');
    await request(toyApp({ log })).get('/api/v1/failures/other');
    expect(lines).to.deep.equal([]);
  });
});
