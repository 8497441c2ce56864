import { expect } from 'chai';
import { Refused } from '../../src/errors.js';
import { parseJson } from '../../src/http/body.js';

describe('The JSON of a request body', () => {
  const nested = (levels: number) => Buffer.from('['.repeat(levels) + ']'.repeat(levels));

  it('may be nested 32 levels deep, not 33', () => {
    expect(() => parseJson(nested(32))).to.not.throw();
    expect(() => parseJson(nested(33)))
      .to.throw(Refused)
      .with.deep.property('details', [{ message: 'body: must not be nested deeper than 32 levels' }]);
  });
});
