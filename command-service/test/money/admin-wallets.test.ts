import { kinds } from '@creator-dashboards/shared/events/sealed';
import { newId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { money } from '../../src/features/money.js';
import { createHarness, type Harness } from '../support/harness.js';
import { admin, creatorPerson, fanWith, person } from './people.js';

describe('An admin who acts on a wallet', () => {
  let h: Harness;
  beforeEach(async () => {
    h = await createHarness({ features: [money] });
  });
  afterEach(() => h.close());

  const reason = 'a complaint';
  const on = (userId: string, body: Record<string, unknown> = {}) => ({
    as: admin,
    params: { userId },
    body: { reason, ...body },
  });
  const freeze = 'POST /admin/wallets/:userId/freeze';
  const unfreeze = 'POST /admin/wallets/:userId/unfreeze';
  const adjust = 'POST /admin/wallets/:userId/adjust';

  it('freezes the CREATOR wallet by default, opening it if absent', async () => {
    const { userId, creatorId } = await creatorPerson(h);
    const { position } = await h.data(freeze, on(userId));
    const events = await h.log(`creatorWallet-${userId}`);
    expect(events.map(({ type }) => type)).to.deep.equal(['WalletOpened', 'WalletFrozen']);
    expect(events[1]?.metadata.keys).to.deep.equal({ userId, creatorId });
    expect(position).to.equal(events[1]?.position.toString());
    await h.call(unfreeze, on(userId));
    await h.refused('wallet.error.not_frozen', unfreeze, on(userId));
  });

  it('freezes a FAN wallet independently of the CREATOR wallet', async () => {
    const { userId } = await creatorPerson(h);
    await h.call(freeze, on(userId, { type: 'FAN' }));
    expect(await h.types(`fanWallet-${userId}`)).to.deep.equal(['WalletOpened', 'WalletFrozen']);
    expect(await h.types(`creatorWallet-${userId}`)).to.deep.equal([]);
    await h.refused('wallet.error.already_frozen', freeze, on(userId, { type: 'FAN' }));
  });

  it('leaves actor and reason in the log, the reason sealed for the owner', async () => {
    const { userId } = await person(h);
    await h.call(adjust, on(userId, { type: 'FAN', amount: '5', direction: 'CREDIT' }));
    const adjusted = (await h.log(`fanWallet-${userId}`)).at(-1);
    expect(adjusted?.data).to.deep.equal({ direction: 'CREDIT', amount: '5.00', before: '0.00', after: '5.00' });
    expect(adjusted?.metadata.actor).to.deep.equal(admin);
    expect(adjusted?.metadata.reason?.subject).to.equal(userId);
    expect(await h.service.sealer.open(kinds.reason, adjusted?.metadata.reason ?? null)).to.equal(reason);
  });

  it('debits no more than the balance', async () => {
    const { userId } = await fanWith(h, '5.00');
    const debit = (amount: string) => on(userId, { type: 'FAN', amount, direction: 'DEBIT' });
    await h.refused('wallet.error.insufficient_balance', adjust, debit('5.01'));
    await h.call(adjust, debit('5.00'));
  });

  for (const amount of ['0', '-1', '1.005', 'x'])
    it(`refuses the amount ${amount}`, async () => {
      const { userId } = await person(h);
      await h.refused('wallet.error.invalid_amount', adjust, on(userId, { type: 'FAN', amount, direction: 'CREDIT' }));
    });

  it('credits once per Idempotency-Key (9.7)', async () => {
    const { userId } = await person(h);
    const call = { ...on(userId, { type: 'FAN', amount: '5.00', direction: 'CREDIT' }), key: 'key-1' };
    expect(await h.data(adjust, call)).to.deep.equal(await h.data(adjust, call));
    expect(await h.types(`fanWallet-${userId}`)).to.deep.equal(['WalletOpened', 'WalletAdjusted']);
  });

  it("gets 404 for an unknown user's wallet, and for the CREATOR wallet of a fan", async () => {
    await h.refused('error.user.not_found', freeze, on(newId()));
    const { userId } = await person(h);
    await h.refused('wallet.error.not_found', freeze, on(userId));
  });
});
