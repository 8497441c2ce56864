import { expect } from 'chai';
import type { Comparison } from '../../src/compare/generations.js';
import { refusalsOf, type Announced } from '../../src/compare/judge.js';

const side = (generation: string, parked = 0) => ({
  ...{ generation, fingerprints: null, position: '50' },
  ...{ documents: 1_000, parked },
});
const equal: Comparison = {
  view: 'mailbox',
  a: side('v1'),
  b: side('v2'),
  sampled: false,
  digests: { a: '', b: '' },
  compared: 1_000,
  differing: 0,
  paths: [],
  morePaths: 0,
  notCompared: 0,
  notComparedKeys: [],
  newlyParked: 0,
  newlyParkedKeys: [],
  events: null,
};
const path = (name: string, documents = 3) => ({ path: name, documents, examples: [] });
const refusals = (found: Partial<Comparison>, announced: Partial<Announced> = {}) =>
  refusalsOf({ ...equal, ...found }, { paths: [], accepted: null, ...announced });

describe('A candidate may be served', () => {
  it('where nothing differs', () => {
    expect(refusals({})).to.deep.equal([]);
  });
  it('where only announced fields differ; a refusal names the others, the first five of them', () => {
    const paths = ['levels.*.amount', 'total', 'a', 'b', 'c', 'd'].map((name) => path(name));
    expect(refusals({ paths }, { paths: ['levels.*', 'total', 'a', 'b', 'c', 'd'] })).to.deep.equal([]);
    expect(refusals({ paths: paths.slice(0, 2) }, { paths: ['levels'] })).to.deep.equal([
      'fields differ that were not announced: total (3 documents)',
    ]);
    expect(refusals({ paths })[0]).to.match(/: levels\.\*\.amount \(3 documents\), .*c \(3 documents\) and 1 more$/);
  });
  it('with the paths of an accepted report, in however many documents, and no other', () => {
    const accepted = { ...equal, paths: [path('total', 1)] };
    expect(refusals({ paths: [path('total', 9)] }, { accepted })).to.deep.equal([]);
    expect(refusals({ paths: [path('total'), path('other')] }, { accepted })).to.have.length(1);
  });
  it('with documents added or gone only where that was announced', () => {
    expect(refusals({ paths: [path('+document'), path('-document')] }, { paths: ['+document'] })).to.deep.equal([
      'fields differ that were not announced: -document (3 documents)',
    ]);
  });
  it('where at most one in a thousand could not be compared, or as many as were accepted', () => {
    expect(refusals({ compared: 999, notCompared: 1 })).to.deep.equal([]);
    expect(refusals({ compared: 998, notCompared: 2 })).to.deep.equal(['2 of 1000 documents could not be compared']);
    expect(refusals({ compared: 998, notCompared: 2 }, { accepted: { ...equal, notCompared: 2 } })).to.deep.equal([]);
    expect(refusals({ compared: 997, notCompared: 3 }, { accepted: { ...equal, notCompared: 2 } })).to.have.length(1);
  });
  it('never where a key is parked that was not, whatever was accepted', () => {
    const reason = ['1 keys are parked in v2 that are not in v1'];
    expect(refusals({ newlyParked: 1 }, { accepted: { ...equal, newlyParked: 1 } })).to.deep.equal(reason);
    // A sample need not meet the parked key: the counts of both sides tell.
    expect(refusals({ a: side('v1', 1), b: side('v2', 2) })).to.deep.equal(reason);
    expect(refusals({ a: side('v1', 2), b: side('v2', 2) })).to.deep.equal([]);
  });
  it('not where more paths differ than a report holds, unless such a report was accepted', () => {
    expect(refusals({ morePaths: 4 }, { paths: ['*'] })).to.deep.equal(['more paths differ than a report holds']);
    expect(refusals({ morePaths: 4 }, { accepted: { ...equal, morePaths: 3 } })).to.deep.equal([]);
  });
});
