import { expect } from 'chai';
import { expectShape } from '../../../testing/fixtures/golden.js';
import { walletBody } from '../../../src/views/fan-wallet/body.js';
import { presentWallet } from '../../../src/views/fan-wallet/present.js';
import { wallet } from '../../../testing/fixtures/documents.js';
import * as golden from '../../../testing/fixtures/seeds.js';

describe('fanWallet: present', () => {
  it("the balance is '0.00' and not frozen without a wallet", () => {
    expectShape(golden.walletBalance.shape, walletBody, presentWallet(null));
    expect(presentWallet(null)).to.deep.equal(golden.walletBalance.sample);
  });
  it('the balance is shown with two decimals', () =>
    expect(presentWallet(wallet())).to.deep.equal({ balance: '12.50', frozen: true }));
});
