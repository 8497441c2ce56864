import { expect } from 'chai';
import { dashboard, strangerId, userId } from '@creator-dashboards/shared/testing/fixtures/documents';
import { createBodies, type Body } from '../../src/reads/bodies.js';

describe('Bodies that are kept', () => {
  const bodyOf = (name: string, subjects = [userId]): Body => ({
    ...{ name, subjects: new Set(subjects), document: dashboard(), config: null, etag: '', text: '' },
  });

  it('are found by their very document, one of each name', () => {
    const bodies = createBodies();
    const [older, newer, other] = [bodyOf('a', [userId, strangerId]), bodyOf('a'), bodyOf('b')];
    for (const body of [older, other, newer]) bodies.keep(body, bodies.begin());
    const found = [older, newer, other, bodyOf('a')].map(({ document }) => bodies.get(document));
    expect(found).to.deep.equal([undefined, newer, other, undefined]);
    bodies.forget(strangerId);
    expect(bodies.get(newer.document)).to.equal(newer);
    bodies.forget(userId);
    expect([newer, other].map(({ document }) => bodies.get(document))).to.deep.equal([undefined, undefined]);
  });
});
