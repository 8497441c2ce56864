import { bioPage, bioPageStream } from '../domain/bio-page.js';
import { creator, creatorStream } from '../domain/creator/creator.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';
import { routingKeys } from './routing-keys.js';

/** Hides manual social links while DMs are on (domain 2.5). Does nothing if DMs were switched back meanwhile. */
export const dmLinks = policy({
  name: 'dm-links',
  onlyOnce: true,
  on: ['DmConfigUpdated'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  async react(event, service) {
    const { bioPageId, linkIds, dmActive } = event.data;
    if (linkIds.length === 0) return [];
    const { userId, creatorId } = routingKeys(event, 'userId', 'creatorId');
    const { state } = await service.commands.load(creator, creatorStream(creatorId));
    if (state.dmActive !== dmActive) return [];
    const type = dmActive ? 'HideSocialLinks' : 'RestoreSocialLinks';
    const context = followUp(service, event, 'dm-links', bioPageStream(bioPageId));
    return eventsOf(await service.commands.handle(bioPage, { type, bioPageId, userId, creatorId, linkIds }, context));
  },
});
