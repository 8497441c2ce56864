import { expect } from 'chai';
import { startingText } from '../../src/process/service.js';

describe('The line of a process that starts', () => {
  const rows = [
    [{}, 'still starting; requests are answered 503 until then'],
    [
      { progress: 0.21, checks: { lookups: '27113', head: '127114' } },
      'still starting: 21 % of the log; requests are answered 503 until then',
    ],
    [
      { checks: { stores: 'waiting for EventStoreDB, 12 of 30 s' } },
      'still starting: waiting for EventStoreDB, 12 of 30 s; requests are answered 503 until then',
    ],
    [
      { checks: { keys: 'the key store has no key' } },
      'still starting: the key store has no key; requests are answered 503 until then',
    ],
    [
      { checks: { story: 'demonstration data is made, day 3 of 40' } },
      'still starting: demonstration data is made, day 3 of 40; requests are answered 503 until then',
    ],
  ] as const;
  for (const [readiness, text] of rows)
    it(`says how far it is and what it waits for, and no bare positions: ${text}`, () =>
      expect(startingText(readiness)).to.equal(text));
});
