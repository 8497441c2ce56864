import { expect } from 'chai';
import { digestOf, foldAll, type Fold, type FoldedDocument } from '../src/fold.js';
import { onStream, history } from '../testing/given.js';

interface Clicks extends FoldedDocument {
  readonly clicks: number;
}
/** Counts clicks by the owner's key, which an event may lack. */
const clicks: Fold<Clicks> = {
  name: 'clicks',
  version: 1,
  categories: ['referralClicks'],
  keyOf: ({ metadata: { keys } }) => keys.userId,
  initial: { clicks: 0 },
  handlers: { ReferralClickTracked: (before) => ({ clicks: before.clicks + 1 }) },
};
const click = (stream: string, userId?: string) =>
  onStream(stream, { userId })('ReferralClickTracked', { codeDigest: 'c'.repeat(40) });

describe('A fold of a whole log', () => {
  it('creates a document for each key', () => {
    const log = history([
      click('referralClicks-a', 'a'),
      click('referralClicks-b', 'b'),
      click('referralClicks-a', 'a'),
    ]);
    expect([...foldAll(clicks, log)]).to.deep.equal([
      ['a', { _id: 'a', position: 30n, lastEvent: log[2]?.id.slice(0, 8), clicks: 2 }],
      ['b', { _id: 'b', position: 20n, lastEvent: log[1]?.id.slice(0, 8), clicks: 1 }],
    ]);
  });

  it('ignores an event that, by its key or its stream, concerns none of its documents', () => {
    expect(foldAll(clicks, history([click('referralClicks-a'), click('other-a', 'a')])).size).to.equal(0);
  });
});

describe('The digest that compares live with rebuilt documents', () => {
  const documentOf = (_id: string, content: object = {}): FoldedDocument => ({ _id, position: 1n, ...content });
  const [a, b, c] = [documentOf('a'), documentOf('b', { n: 2 }), documentOf('c')];
  const digest = digestOf([a, b, c]);

  it('does not depend on the order of the documents', () => {
    for (const order of [
      [a, c, b],
      [b, a, c],
      [b, c, a],
      [c, a, b],
      [c, b, a],
    ])
      expect(digestOf(order)).to.equal(digest);
  });

  it('does not depend on the order of fields, at any depth', () => {
    const one = { x: 1, y: { p: 1, q: [{ s: 1, t: 2 }] }, z: 3 };
    const same = { z: 3, y: { q: [{ t: 2, s: 1 }], p: 1 }, x: 1 };
    const between = { y: { q: [{ s: 1, t: 2 }], p: 1 }, z: 3, x: 1 };
    expect(digestOf([documentOf('a', same)])).to.equal(digestOf([documentOf('a', one)]));
    expect(digestOf([documentOf('a', between)])).to.equal(digestOf([documentOf('a', one)]));
    expect(digestOf([{ n: 2, position: 1n, _id: 'b' } as FoldedDocument])).to.equal(digestOf([b]));
  });

  it('is the same whether a field is undefined or missing', () => {
    expect(digestOf([a, { ...b, gone: undefined } as FoldedDocument, c])).to.equal(digest);
    expect(digestOf([documentOf('a', { inner: { gone: undefined } })])).to.equal(
      digestOf([documentOf('a', { inner: {} })]),
    );
  });

  it('does not change while a document is parked', () => {
    const parked = { ...b, parked: true, parkedFrom: '7', parkedError: 'broken', parkedRetry: true };
    expect(digestOf([a, parked, c])).to.equal(digest);
  });

  it('changes with any other difference', () => {
    const different: Record<string, FoldedDocument[]> = {
      'a document less': [a, b],
      'another key': [a, { ...b, _id: 'd' }, c],
      'another position': [a, { ...b, position: 2n }, c],
      'another value': [a, documentOf('b', { n: 3 }), c],
      'null for nothing': [a, documentOf('b', { n: 2, m: null }), c],
      'a text for a number': [a, documentOf('b', { n: '2' }), c],
      'another field': [a, documentOf('b', { m: 2 }), c],
      'a list in another order': [documentOf('a', { list: [2, 1] })],
      'the same list': [documentOf('a', { list: [1, 2] })],
      'an object for a list': [documentOf('a', { list: { 0: 1, 1: 2 } })],
    };
    const digests = new Map(Object.entries(different).map(([what, documents]) => [digestOf(documents), what]));
    expect(digests.size).to.equal(Object.keys(different).length);
    expect(digests.get(digest)).to.equal(undefined);
  });
});
