import { ALIASES } from '@creator-dashboards/shared/views/alias';
import { expect } from 'chai';
import { aliasOf, generationOf, moveAlias, serialOf, versionOf } from '../src/generations.js';
import { openStores } from './stores.js';

describe('A generation of a view', () => {
  it('is named by version and build', () => {
    expect([generationOf(3), generationOf(3, 2)]).to.deep.equal(['v3', 'v3-2']);
    expect([versionOf('v12'), versionOf('v3-2'), serialOf('v12'), serialOf('v3-2')]).to.deep.equal([12, 3, 1, 2]);
    expect(() => versionOf('latest')).to.throw(RangeError);
  });
  it('is served by an alias that moves by compare-and-set', async () => {
    const stores = openStores();
    const { reads } = stores;
    await moveAlias(reads, 'letter', null, { generation: 'v1', position: 0n });
    const [first, second] = [await aliasOf(reads, 'letter'), await aliasOf(reads, 'letter')];
    expect(await moveAlias(reads, 'letter', first, { generation: 'v1-2', position: 5n })).to.equal(true);
    expect(await moveAlias(reads, 'letter', second, { generation: 'v1-3', position: 5n })).to.equal(false);
    expect(await moveAlias(reads, 'letter', null, { generation: 'v1', position: 0n })).to.equal(false);
    expect(await reads.get(ALIASES, 'letter')).to.deep.include({ generation: 'v1-2', previous: 'v1' });
    await stores.close();
  });
});
