import { expect } from 'chai';
import { Refused } from '../../src/errors.js';
import { parseJson } from '../../src/http/body.js';
import { leastCpuMs, onThisMachine } from '../../testing/cpu-time.js';

describe('The JSON of a request body', () => {
  const parse = (text: string) => () => parseJson(Buffer.from(text));

  for (const text of [
    '{"a":1,"a":1}',
    '{"a":{"b":1,"c":[{"b":2}],"b":3}}',
    '{"a":1,"\\u0061":2}',
    '{"x":[{"k":{},"k" : {}}]}',
    '{"a\\"b":1,"a\\"b":2}',
    '{"":1,"":2}',
  ])
    it(`names no key twice, as does ${text}`, () =>
      expect(parse(text))
        .to.throw(Refused)
        .with.deep.property('details', [{ message: 'body: an object names a key twice' }]));

  for (const text of [
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":1}]',
    '{"a":"a","b":"\\"a\\":"}',
    '{"a":["b","b"],"b":"}{\\"a\\":1"}',
    '{"a\\\\":1,"a":2}',
  ])
    it(`may use it again elsewhere, or as a value: ${text}`, () =>
      expect(parse(text)()).to.deep.equal(JSON.parse(text)));

  it('takes no longer than parsing does, whatever it is made of', async () => {
    const limitMs = await onThisMachine(20);
    const fill = (unit: string, around: (body: string) => string) =>
      around(unit.repeat(Math.floor(65_000 / unit.length)));
    for (const text of [
      fill('\\\\', (body) => `["${body}"]`),
      fill('a', (body) => `["${body}"]`),
      fill('"",', (body) => `[${body}""]`),
      fill('[],', (body) => `[${body}[]]`),
      fill(' ', (body) => `{"a"${body}:1}`),
    ]) {
      expect(await leastCpuMs(parse(text), limitMs), text.slice(0, 10)).to.be.at.most(limitMs);
    }
  });

  const nested = (levels: number) => Buffer.from('['.repeat(levels) + ']'.repeat(levels));

  it('may be nested 32 levels deep, not 33', () => {
    expect(() => parseJson(nested(32))).to.not.throw();
    expect(() => parseJson(nested(33)))
      .to.throw(Refused)
      .with.deep.property('details', [{ message: 'body: must not be nested deeper than 32 levels' }]);
  });
});
