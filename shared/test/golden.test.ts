import { expect } from 'chai';
import { mismatches, type Shape } from '../testing/fixtures/golden.js';

describe('The comparison with a golden shape', () => {
  const shape: Shape = { fields: { a: 'integer', inner: { fields: { list: [{ fields: { b: 'decimal|null' } }] } } } };
  const good = { a: 1, inner: { list: [{ b: '1.00' }, { b: null }] } };

  it('accepts a value that fits', () => expect(mismatches(shape, good)).to.deep.equal([]));
  it('names a missing field, at any depth', () =>
    expect(mismatches(shape, { a: 1, inner: { list: [{}] } })).to.deep.equal(['data.inner.list[0].b: missing']));
  it('names an extra field, at any depth', () =>
    expect(mismatches(shape, { ...good, inner: { ...good.inner, c: 1 } })).to.deep.equal(['data.inner.c: extra']));
  it('names a field of another type, at any depth', () =>
    expect(mismatches(shape, { a: '1', inner: { list: [{ b: 1 }] } })).to.deep.equal([
      'data.a: "1" is no integer',
      'data.inner.list[0].b: 1 is no decimal|null',
    ]));
  it('names fields in another order', () =>
    expect(mismatches(shape, { inner: good.inner, a: 1 })).to.deep.equal(['data: fields in another order']));
});
