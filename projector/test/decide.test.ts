import type { View } from '@creator-dashboards/shared/views/view';
import { expect } from 'chai';
import { decide, type Built, type OnChange, type Standing } from '../src/decide.js';
import { mailbox } from './toy-views.js';

/** Code of this version whose fold has this fingerprint. */
const code = (version: number, fold: string, kept?: View): View => ({
  ...mailbox,
  version,
  fingerprints: { fold, shape: 'one' },
  ...(kept && { kept }),
});
const built = (generation: string, fold?: string): Built => ({ generation, fold });
const served = (one: Built, rest: Partial<Standing> = {}): Standing => ({
  served: one,
  previous: null,
  earlier: [],
  servedBefore: [],
  ...rest,
});

describe('What a projector does about a view', () => {
  function decided(view: View, standing: Standing, onChange: OnChange = 'auto') {
    const { feed, rebuild } = decide(view, standing, onChange);
    return { feed: feed.map((one) => `${one.generation} by v${one.code.version}`), rebuild };
  }

  it('is to feed what its own fold built, and nothing more', () => {
    for (const onChange of ['auto', 'hold', 'manual'] as const)
      expect(decided(code(1, 'a'), served(built('v1', 'a')), onChange)).to.deep.equal({
        feed: ['v1 by v1'],
        rebuild: 'no',
      });
  });

  for (const [onChange, rebuild] of [
    ['auto', 'start'],
    ['hold', 'hold'],
    ['manual', 'wait'],
  ] as const)
    it(`where its fold has changed is never to write into what is served, and with REBUILD_ON_CHANGE=${onChange} to ${rebuild}`, () => {
      expect(decided(code(1, 'b'), served(built('v1', 'a')), onChange)).to.deep.equal({ feed: [], rebuild });
    });

  it('where its version was raised is to build it anew, though the fold is the same', () => {
    expect(decided(code(2, 'a'), served(built('v1', 'a')))).to.deep.equal({ feed: ['v1 by v2'], rebuild: 'start' });
  });

  it('is to feed what is served by the kept code meanwhile, if that is still what built it', () => {
    expect(decided(code(2, 'b', code(1, 'a')), served(built('v1', 'a'))).feed).to.deep.equal(['v1 by v1']);
    expect(decided(code(2, 'b', code(1, 'mended')), served(built('v1', 'a'))).feed).to.deep.equal([]);
  });

  it('is to feed what was served before, too, for as long as it is asked', () => {
    const previous = built('v1', 'a');
    const both = served(built('v2', 'b'), { previous, servedBefore: [previous] });
    expect(decided(code(2, 'b', code(1, 'a')), both).feed).to.deep.equal(['v2 by v2', 'v1 by v1']);
    expect(decided(code(2, 'b'), both).feed, 'nothing keeps its code').to.deep.equal(['v2 by v2']);
    expect(decided(code(2, 'b', code(1, 'a')), { ...both, previous: null }).feed).to.deep.equal(['v2 by v2']);
  });

  it('as an older release in a rolling deploy, or one started again, is to feed its own and to rebuild nothing', () => {
    const previous = built('v1', 'a');
    const newer = served(built('v1-2', 'b'), { previous, servedBefore: [previous] });
    expect(decided(code(1, 'a'), newer)).to.deep.equal({ feed: ['v1 by v1'], rebuild: 'no' });
    expect(decided(code(1, 'a'), { ...newer, previous: null })).to.deep.equal({ feed: [], rebuild: 'no' });
    expect(decided(code(1, 'c'), newer).rebuild, 'a third fold came after both').to.equal('start');
    expect(decided(code(1, 'a'), served(built('v2', 'b'))).rebuild, 'a lower version').to.equal('no');
  });

  it('as the oldest of three releases in a rolling deploy is to feed its own, until it was dropped', () => {
    const [first, second] = [built('v1', 'a'), built('v2', 'b')];
    const newest = served(built('v3', 'c'), { previous: second, earlier: [first], servedBefore: [first, second] });
    expect(decided(code(1, 'a'), newest)).to.deep.equal({ feed: ['v1 by v1'], rebuild: 'no' });
    expect(decided(code(1, 'a'), { ...newest, earlier: [] })).to.deep.equal({ feed: [], rebuild: 'no' });
    expect(decided(code(2, 'b', code(1, 'a')), newest).feed, 'nobody else does').to.deep.equal(['v2 by v2']);
  });

  it('where nobody can tell what built it is to leave it alone', () => {
    expect(decided(code(2, 'b'), served(built('v1'))).feed).to.deep.equal([]);
  });
});
