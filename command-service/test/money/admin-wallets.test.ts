import { kinds } from '@creator-dashboards/shared/events/sealed';
import { newId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { CONFIG_STREAM } from '../../src/domain/platform-config.js';
import { money } from '../../src/features/money.js';
import { processDyingBeforeTheAnswer } from '../support/another-process.js';
import { createHarness, type Harness } from '../support/harness.js';
import { admin, creatorPerson, fanWith, happened, person } from './people.js';

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

  describe('whose first answer was lost', () => {
    beforeEach(() => h.catchUp()); // every policy's checkpoint stands before the first event

    /** Acts in a process that dies before it answers, has something happen, and asks again; the events of the wallet after both. */
    async function repeated(
      row: string,
      userId: string,
      body: Record<string, unknown>,
      between: () => Promise<unknown>,
    ) {
      const call = { ...on(userId, { type: 'FAN', ...body }), key: 'key-1' };
      const dead = processDyingBeforeTheAnswer(h.service, [money]).call(row, call);
      expect(await dead.catch((error: unknown) => String(error))).to.equal('Error: died');
      const stream = `fanWallet-${userId}`;
      const [position, types] = [(await h.log(stream)).at(-1)?.position.toString(), await h.types(stream)];
      await between();
      expect(await h.data(row, call)).to.deep.equal({ position });
      expect(await h.types(stream)).to.deep.equal(types);
    }

    it('gets its result, though the owner was erased since', async () => {
      const { userId } = await person(h);
      const erased = () => happened(h, `user-${userId}`, { userId }, [{ type: 'UserErased', data: { userId } }]);
      await repeated(freeze, userId, {}, erased);
      await h.refused('error.user.erased', unfreeze, on(userId, { type: 'FAN' }));
    });

    it('gets its result, though less may be adjusted at once since', async () => {
      const { userId } = await person(h);
      const set = { key: 'wallet.max_adjustment', value: 1, previous: null };
      const lowered = async () => {
        await happened(h, CONFIG_STREAM, { configKey: set.key }, [{ type: 'ConfigValueSet', data: set }]);
        await h.catchUp();
      };
      const five = { amount: '5.00', direction: 'CREDIT' };
      await repeated(adjust, userId, five, lowered);
      await h.refused('wallet.error.above_max_adjustment', adjust, on(userId, { type: 'FAN', ...five }));
    });
  });

  it("gets 404 for an unknown user's wallet, and for the CREATOR wallet of a fan", async () => {
    await h.refused('error.user.not_found', freeze, on(newId()));
    const { userId } = await person(h);
    await h.refused('wallet.error.not_found', freeze, on(userId));
  });
});
