import { bioPageIdOf } from '@creator-dashboards/shared/ids';
import { bioPage, bioPageStream } from '../domain/bio-page.js';
import { creator, creatorStream, isLive } from '../domain/creator/creator.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';
import { routingKeys } from './routing-keys.js';

/**
 * While DMs are on no manual social link is active, whatever was written first (G59): what it looks at is read after its cause, so
 * of a switch and a link at the same time the later one sees the other. Restores nothing if DMs were switched on again meanwhile.
 */
export const dmLinks = policy({
  name: 'dm-links',
  onlyOnce: true,
  on: ['DmConfigUpdated', 'BioLinkAdded', 'BioLinkUpdated'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  async react(event, service) {
    const { userId, creatorId } = routingKeys(event, 'userId', 'creatorId');
    const { state } = await service.commands.load(creator, creatorStream(creatorId));
    if (!isLive(state)) return [];
    const switchedOff = event.type === 'DmConfigUpdated' && event.data.previous.dmActive && !event.data.dmActive;
    if (!state.dmActive && !switchedOff) return [];
    const bioPageId = bioPageIdOf(userId);
    const type = state.dmActive ? 'HideSocialLinks' : 'RestoreSocialLinks';
    const context = followUp(service, event, 'dm-links', bioPageStream(bioPageId));
    return eventsOf(await service.commands.handle(bioPage, { type, bioPageId, userId, creatorId }, context));
  },
});
