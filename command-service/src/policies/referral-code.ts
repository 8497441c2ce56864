import { referralLink, referralLinkStream, type ReferralLinkCommand } from '../domain/referral-link.js';
import { user, userStream } from '../domain/user.js';
import { isGone } from '../domain/user-standing.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';

const NAME = 'repoint-referral-code';

/**
 * A referral link's code follows its owner's present username (domain 2.4), which is a name of hers already. So does the code of a
 * link that was created while she renamed herself.
 */
export const repointReferralCode = policy({
  name: NAME,
  on: ['UsernameChanged', 'ReferralLinkCreated'],
  keyOf: ({ metadata }) => metadata.keys.userId,
  async react(event, service) {
    const { userId } = event.data;
    const { state } = await service.commands.load(user, userStream(userId));
    const { username: code, usernameDigest: codeDigest } = state;
    if (code === null || codeDigest === null || isGone(state)) return [];
    const context = followUp(service, event, NAME, referralLinkStream(userId));
    const command: ReferralLinkCommand = { type: 'Repoint', userId, code, codeDigest };
    return eventsOf(await service.commands.handle(referralLink, command, context));
  },
});
