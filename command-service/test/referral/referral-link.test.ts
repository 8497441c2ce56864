import { sealedValue } from '@creator-dashboards/shared/testing/given';
import type { ReferralLinkEvent } from '@creator-dashboards/shared/events/referral';
import { newId } from '@creator-dashboards/shared/ids';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { expect } from 'chai';
import { referralLink, referralLinkStream, type ReferralLinkCommand } from '../../src/domain/referral-link.js';
import { given } from '../support/decider.js';

const userId = newId();
const linkId = newId();
const commandId = newId();
const code = (ciphertext: string): Sealed<string> => sealedValue(userId, ciphertext);

const create: ReferralLinkCommand = {
  type: 'Create',
  userId,
  linkId,
  commandId,
  code: code('ada'),
  codeDigest: 'ada1',
};
const created: ReferralLinkEvent = {
  type: 'ReferralLinkCreated',
  data: { linkId, userId, code: code('ada'), codeDigest: 'ada1' },
};
const repoint = (name: string): ReferralLinkCommand => ({
  type: 'Repoint',
  userId,
  code: code(name),
  codeDigest: `${name}1`,
});
const repointed = (from: string, to: string): ReferralLinkEvent => ({
  type: 'ReferralCodeRepointed',
  data: { oldCode: code(from), newCode: code(to), oldCodeDigest: `${from}1`, newCodeDigest: `${to}1` },
});
const closed: ReferralLinkEvent = {
  type: 'CommandAbandoned',
  data: { commandId, userId, code: 'referral.link.interrupted' },
};
const disabled: ReferralLinkEvent = { type: 'ReferralLinkDisabled', data: {} };
const enabled: ReferralLinkEvent = { type: 'ReferralLinkEnabled', data: {} };

describe('The referral link aggregate', () => {
  describe('creating', () => {
    it('creates the link', () => given(referralLink).when(create).then(created));
    it('happens once per user', () =>
      given(referralLink, created)
        .when({ ...create, commandId: newId() })
        .nothing());
    it('is refused to a closed command (9.2), but not to the next one', () => {
      given(referralLink, closed).when(create).refused('referral.link.interrupted');
      given(referralLink, closed)
        .when({ ...create, commandId: newId() })
        .then(created);
    });
  });

  describe('following a rename', () => {
    it('keeps the old code as an alias', () => {
      given(referralLink, created).when(repoint('bea')).then(repointed('ada', 'bea'));
      expect(given(referralLink, created, repointed('ada', 'bea')).state.codes).to.deep.equal(['ada1', 'bea1']);
    });
    it('does nothing when the link has that code already', () =>
      given(referralLink, created).when(repoint('ada')).nothing());
    it('does nothing without a link', () => given(referralLink).when(repoint('bea')).nothing());
    it('returns to a code of before', () => {
      const there = [created, repointed('ada', 'bea')];
      given(referralLink, ...there)
        .when(repoint('ada'))
        .then(repointed('bea', 'ada'));
      expect(given(referralLink, ...there, repointed('bea', 'ada')).state.codes).to.deep.equal(['ada1', 'bea1']);
    });
  });

  describe('closing a command that reserved a code and stopped (9.2)', () => {
    const abandon = (...reserved: string[]): ReferralLinkCommand => ({
      type: 'Abandon',
      userId,
      commandId,
      reserved,
      code: 'referral.link.interrupted',
    });
    it('closes it when it was not decided', () => given(referralLink).when(abandon('ada1')).then(closed));
    it('does nothing when the reserved value became the code or an alias', () => {
      given(referralLink, created).when(abandon('ada1')).nothing();
      given(referralLink, created, repointed('ada', 'bea')).when(abandon('ada1')).nothing();
    });
    it('happens once', () => given(referralLink, closed).when(abandon('ada1')).nothing());
  });

  describe('switching by an admin (3.4)', () => {
    it('disables and enables the link', () => {
      given(referralLink, created).when({ type: 'Disable', userId }).then(disabled);
      given(referralLink, created, disabled).when({ type: 'Enable', userId }).then(enabled);
    });
    it('is refused without a change or without a link', () => {
      given(referralLink, created).when({ type: 'Enable', userId }).refused('referral.link.unchanged');
      given(referralLink, created, disabled).when({ type: 'Disable', userId }).refused('referral.link.unchanged');
      given(referralLink).when({ type: 'Disable', userId }).refused('referral.link.not_found');
      given(referralLink, closed).when({ type: 'Enable', userId }).refused('referral.link.not_found');
    });
  });

  it('has a stream per user', () => {
    expect(referralLinkStream(userId)).to.equal(`referralLink-${userId}`);
    expect(referralLink.streamOf(create)).to.equal(`referralLink-${userId}`);
  });

  it('has its owner in its routing keys (9.1)', () => {
    expect(referralLink.keysOf(referralLink.initial, create)).to.deep.equal({ userId });
  });
});
