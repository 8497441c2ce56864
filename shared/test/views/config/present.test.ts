import { expect } from 'chai';
import { configBody, killSwitchesBody } from '../../../src/views/config/body.js';
import { presentConfig, presentKillSwitches } from '../../../src/views/config/present.js';
import { adminId, config, T0 } from '../../../testing/fixtures/documents.js';

describe('config: present', () => {
  it('the settings list every config key with value, default, and who changed it when', () => {
    const body = presentConfig(config({ 'dm.min_price': 2 }));
    expect(configBody.safeParse(body).success).to.equal(true);
    expect(body.items.find(({ key }) => key === 'dm.min_price')).to.deep.equal({
      key: 'dm.min_price',
      value: 2,
      default: 1,
      description: 'lowest price of a paid message',
      changedBy: adminId,
      changedAt: T0,
    });
    expect(body.items.find(({ key }) => key === 'bio.max_links')).to.deep.include({
      value: 100,
      default: 100,
      changedBy: null,
      changedAt: null,
    });
    expect(presentConfig(null).items).to.have.length(body.items.length);
  });

  it('the settings list every kill switch', () => {
    const engaged = { engaged: true, changedBy: adminId, changedAt: T0 };
    const body = presentKillSwitches({ ...config(), killSwitches: { PAYOUT: engaged } });
    expect(killSwitchesBody.safeParse(body).success).to.equal(true);
    expect(body.items.map(({ name }) => name)).to.have.members([
      'REFERRAL',
      'PAYOUT',
      'PAYMENT',
      'MESSAGING',
      'CREATOR_UPGRADE',
      'KYC',
    ]);
    expect(body.items.find(({ name }) => name === 'PAYOUT')).to.deep.equal({
      name: 'PAYOUT',
      engaged: true,
      default: false,
      changedBy: adminId,
      changedAt: T0,
    });
    expect(body.items.filter((one) => one.engaged)).to.have.length(1);
  });
});
