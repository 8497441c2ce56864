import { referralLinkStream } from '../domain/referral-link.js';
import { user, userStream } from '../domain/user.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';
import { repointLink } from '../commands/referral-links.js';

/** A referral link goes by its owner's username (domain 2.4). A name that is outdated or erased by now changes nothing. */
export const repointReferralCode = policy({
  name: 'repoint-referral-code',
  on: ['UsernameChanged'],
  keyOf: ({ metadata }) => metadata.keys.userId,
  async react(event, service) {
    const { userId, new: name, newDigest } = event.data;
    const { state } = await service.commands.load(user, userStream(userId));
    const username = state.usernameDigest === newDigest ? await service.sealer.open(name) : null;
    if (username === null) return [];
    const context = followUp(service, event, 'repoint-referral-code', referralLinkStream(userId));
    return eventsOf(await repointLink(service, userId, username, context));
  },
});
