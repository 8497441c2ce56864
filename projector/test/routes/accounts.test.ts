import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { expect } from 'chai';
import { aliasOf, moveAlias } from '../../src/generations.js';
import { accountsIn } from '../../src/routes/accounts.js';
import { openStores, type TestStores } from '../stores.js';

describe('The account of whoever asks a projector', () => {
  let stores: TestStores;
  beforeEach(() => (stores = openStores()));
  afterEach(() => stores.close());

  const refusal = async (asked: unknown) =>
    Promise.resolve(asked).then(String, (error: unknown) => (error as { key?: string }).key);
  const write = (document: { _id: string; status: string; parked?: true }) =>
    stores.reads.write(collectionOf('account', 'v1'), [{ document: { ...document, position: 1n }, expected: null }]);

  it('is that of the account view, or none', async () => {
    const { forReads, forWrites } = accountsIn(stores.reads);
    await moveAlias(stores.reads, 'account', null, { generation: 'v1', position: 0n });
    expect(await aliasOf(stores.reads, 'account')).to.include({ generation: 'v1' });
    await write({ _id: 'anna', status: 'SUSPENDED' });
    for (const accountOf of [forReads, forWrites]) {
      expect(await accountOf('anna')).to.equal('SUSPENDED');
      expect(await accountOf('staff')).to.equal(null);
    }
  });

  it('cannot be told before that view is served, and where its key is parked', async () => {
    const { forReads } = accountsIn(stores.reads);
    expect(await refusal(forReads('anna'))).to.equal('common.unavailable');
    await moveAlias(stores.reads, 'account', null, { generation: 'v1', position: 0n });
    await write({ _id: 'anna', status: 'ACTIVE', parked: true });
    expect(await refusal(forReads('anna'))).to.equal('common.view_degraded');
  });
});
