import { expect } from 'chai';
import { noting, ringAfter, writtenSince, type Ringed } from '../../src/changes/ring.js';
import type { Document, ReadStore } from '../../src/ports.js';

const at = (beat: number, changed?: Ringed['changed']): Ringed => ({
  _id: 'creatorDashboard.v1',
  position: BigInt(beat),
  token: 1,
  beat,
  ...(changed && { changed }),
});
/** The record after these writes, a beat each, begun at beat 10 by somebody who does not know what was written before. */
function after(...writes: readonly (readonly string[])[]): Ringed {
  let record = at(10, ringAfter(at(9), 10, 'any'));
  for (const keys of writes) record = at(record.beat + 1, ringAfter(record, record.beat + 1, new Set(keys)));
  return record;
}

describe('The list of what was written last, in the record of a checkpoint', () => {
  it('names what was written since a beat, and nothing that was written before', () => {
    const record = after(['anna'], ['ben', 'carla'], [], ['dora']);
    expect(writtenSince(record, at(10))).to.deep.equal(new Set(['anna', 'ben', 'carla', 'dora']));
    expect(writtenSince(record, at(11))).to.deep.equal(new Set(['ben', 'carla', 'dora']));
    expect(writtenSince(record, at(13))).to.deep.equal(new Set(['dora']));
    expect(writtenSince(record, record)).to.deep.equal(new Set());
  });

  it('names a key that was written again as written now', () => {
    expect(writtenSince(after(['anna'], ['ben'], ['anna']), at(12))).to.deep.equal(new Set(['anna']));
  });

  it('says that anything may have changed to who knew less than it reaches back to', () => {
    expect(writtenSince(after(['anna']), at(9))).to.equal('any');
    const many = Array.from({ length: 129 }, (_, n) => [`key ${n}`]); // it holds 128: the first one is dropped
    expect(writtenSince(after(...many), at(10))).to.equal('any');
    expect(writtenSince(after(...many), at(11))).to.have.property('size', 128);
    expect(writtenSince(after(many.flat()), at(10)), 'too many at once').to.equal('any');
  });

  it('gives up what is more than 256 beats old, so that a view that is seldom written carries nothing', () => {
    const quiet = after(['anna'], ...Array.from({ length: 257 }, () => [])); // written at beat 11, now 268
    expect(quiet.changed?.keys).to.deep.equal([]);
    expect(writtenSince(quiet, at(10))).to.equal('any');
    expect(writtenSince(quiet, at(11))).to.deep.equal(new Set());
  });

  it('says nothing in a record that was written by code which knows no lists', () => {
    const { changed } = after(['anna']);
    expect(writtenSince(at(12, changed), at(10))).to.equal('any');
    expect(ringAfter(at(12, changed), 13, new Set(['ben']))).to.deep.equal({ beat: 13, after: 13, keys: [] });
  });

  it('says that anything may have changed where the record went back, as in a restored store', () => {
    const record = after(['anna']);
    for (const known of [at(12), { ...at(11), position: 12n }, { ...at(10), token: 2 }])
      expect(writtenSince(record, known)).to.equal('any');
  });
});

describe('A store that notes what is written through it', () => {
  const outcome = { fails: false };
  const store = {
    async write(_collection: string, writes: readonly { readonly document: Document }[]) {
      if (outcome.fails) throw new Error('broken off');
      return new Set(writes.slice(0, 1).map(({ document }) => document._id));
    },
    deleteUpTo: async () => 1,
    drop: async () => undefined,
  } as unknown as ReadStore;
  const documents = (...ids: string[]) => ids.map((_id) => ({ document: { _id, position: 1n }, expected: null }));

  it('names each key once, also where another writer was faster or nobody knows whether it was written', async () => {
    const { reads, written } = noting(store, 'mine');
    await reads.write('mine', documents('anna', 'ben'));
    await reads.write('other', documents('carla'));
    outcome.fails = true;
    await reads.write('mine', documents('dora')).catch(() => undefined);
    outcome.fails = false;
    expect(written.take()).to.deep.equal(new Set(['anna', 'ben', 'dora']));
    expect(written.take()).to.deep.equal(new Set());
  });

  it('names again what was given back, and anything after a deletion', async () => {
    const { reads, written } = noting(store, 'mine');
    written.giveBack(new Set(['anna']));
    await reads.write('mine', documents('ben'));
    expect(written.take()).to.deep.equal(new Set(['anna', 'ben']));
    await reads.deleteUpTo('mine', { field: 'parkedEmpty', atMost: 1 }, 1);
    written.giveBack(new Set(['carla']));
    expect(written.take()).to.equal('any');
  });
});
