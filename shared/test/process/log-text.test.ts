import { expect } from 'chai';
import { logFormat } from '../../src/process/environment.js';
import { createLog } from '../../src/process/log.js';
import { StoreUnavailable } from '../../src/store-errors.js';

describe('The log on a terminal', () => {
  let said: string;
  beforeEach(() => (said = ''));
  const log = createLog({ logLevel: 'info', format: 'text' }, 'test', { write: (text) => void (said += text) });

  it('is a sentence for each line, with what belongs to it', () => {
    log.info({ port: 3000, view: 'fanWallet' }, 'listening');
    log.warn('still starting');
    log.error({ reason: 'it is broken' }, 'a rebuild has failed');
    expect(said).to.equal(
      'listening (port 3000, view fanWallet)\nWARN  still starting\nERROR  a rebuild has failed: it is broken\n',
    );
  });

  it('gives the message alone of an error that tells an operator what is wrong', () => {
    const taken = Object.assign(new Error('listen EADDRINUSE: address already in use'), { code: 'EADDRINUSE' });
    log.fatal({ err: taken }, 'the process could not start');
    log.fatal({ err: new StoreUnavailable('EventStoreDB', 'does not answer') }, 'the process could not start');
    expect(said).to.equal(
      'FATAL  the process could not start: listen EADDRINUSE: address already in use\n' +
        'FATAL  the process could not start: EventStoreDB does not answer\n',
    );
  });

  it('gives the stack of a bug', () => {
    log.error({ err: new TypeError('no such function') }, 'a request failed');
    expect(said).to.match(/^ERROR {2}a request failed: TypeError: no such function\n +at .*log-text\.test\.ts/);
  });

  it('shows no secret', () => {
    log.info({ headers: { authorization: 'Bearer abc' } }, 'asked');
    expect(said).to.equal('asked (headers {"authorization":"[redacted]"})\n');
  });

  it('is text on a terminal, JSON elsewhere, and what LOG_FORMAT says everywhere', () => {
    expect([logFormat({}, true), logFormat({}, false)]).to.deep.equal(['text', 'json']);
    expect([logFormat({ LOG_FORMAT: 'json' }, true), logFormat({ LOG_FORMAT: 'text' }, false)]).to.deep.equal([
      'json',
      'text',
    ]);
  });
});
