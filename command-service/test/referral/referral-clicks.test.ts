import { expect } from 'chai';
import { referralClicks, referralClicksStream } from '../../src/domain/referral-clicks.js';
import { given } from '../support/decider.js';

const userId = 'user-1';
const click = { type: 'TrackClick', userId, codeDigest: 'ada1' } as const;
const tracked = { type: 'ReferralClickTracked', data: { codeDigest: 'ada1' } } as const;

describe("The aggregate of a link's clicks", () => {
  it('records each click', () => {
    given(referralClicks).when(click).then(tracked);
    given(referralClicks, tracked).when(click).then(tracked);
  });
  it('keeps nothing in its state and no command to remember, however many clicks come', () => {
    expect(given(referralClicks, tracked, tracked).state).to.deep.equal({});
    expect(referralClicks.remembersCommands).to.equal(false);
  });
  it("has a stream per user, apart from the link's, with the user in its routing keys", () => {
    expect(referralClicksStream(userId)).to.equal('referralClicks-user-1');
    expect(referralClicks.streamOf(click)).to.equal('referralClicks-user-1');
    expect(referralClicks.keysOf({}, click)).to.deep.equal({ userId });
  });
});
