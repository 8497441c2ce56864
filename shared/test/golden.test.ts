import { expect } from 'chai';
import { mismatches, type Shape } from '../testing/fixtures/golden.js';

describe('golden shapes', () => {
  const shape: Shape = { fields: { a: 'integer', inner: { fields: { list: [{ fields: { b: 'decimal|null' } }] } } } };
  const good = { a: 1, inner: { list: [{ b: '1.00' }, { b: null }] } };

  it('a golden shape takes what fits', () => expect(mismatches(shape, good)).to.deep.equal([]));
  it('a golden shape names a missing field, deep inside too', () =>
    expect(mismatches(shape, { a: 1, inner: { list: [{}] } })).to.deep.equal(['data.inner.list[0].b: missing']));
  it('a golden shape names an extra field, deep inside too', () =>
    expect(mismatches(shape, { ...good, inner: { ...good.inner, c: 1 } })).to.deep.equal(['data.inner.c: extra']));
  it('a golden shape names a field of another type, deep inside too', () =>
    expect(mismatches(shape, { a: '1', inner: { list: [{ b: 1 }] } })).to.deep.equal([
      'data.a: "1" is no integer',
      'data.inner.list[0].b: 1 is no decimal|null',
    ]));
  it('a golden shape names another order of fields', () =>
    expect(mismatches(shape, { inner: good.inner, a: 1 })).to.deep.equal(['data: fields in another order']));
});
