import { bioPageIdOf, type CreatorId } from '@creator-dashboards/shared/ids';
import type { BioPageEvent } from '@creator-dashboards/shared/events/creator';
import type { Recorded } from '@creator-dashboards/shared/events/index';
import { bioPage, bioPageStream } from '../domain/bio-page.js';
import { creator, creatorStream, isLive } from '../domain/creator/creator.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';
import { routingKeys } from './routing-keys.js';

/** Each direction has a command of its own, else the second would count as a repetition of the first. */
const STEPS = {
  HideSocialLinks: 'dm-links HideSocialLinks',
  RestoreSocialLinks: 'dm-links RestoreSocialLinks',
} as const;

/**
 * While DMs are on no manual social link is active, whatever was written first (G59): what it looks at is read after its cause, so
 * of a switch and a link at the same time the later one sees the other. Restores nothing if DMs were switched on again meanwhile. A new
 * price or type turns no switch, and reads nothing.
 */
export const dmLinks = policy({
  name: 'dm-links',
  onlyOnce: true,
  steps: Object.values(STEPS),
  on: ['DmConfigUpdated', 'BioLinkAdded', 'BioLinkUpdated'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  async react(event, service) {
    if (event.type === 'DmConfigUpdated' && event.data.dmActive === event.data.previous.dmActive) return [];
    const owner = routingKeys(event, 'userId', 'creatorId');
    const { state } = await service.commands.load(creator, creatorStream(owner.creatorId));
    if (!isLive(state)) return [];
    const switchedOff = event.type === 'DmConfigUpdated' && !event.data.dmActive;
    return state.dmActive || switchedOff ? follow(service, event, owner, state.dmActive) : [];
  },
});

interface Owner {
  readonly userId: string;
  readonly creatorId: CreatorId;
}

/**
 * Lets the links follow the switch as it was read, and again if it was turned before they were written: the reaction to that turn may
 * have come first.
 */
async function follow(
  service: CommandService,
  cause: Recorded,
  owner: Owner,
  dmActive: boolean,
): Promise<readonly Recorded<BioPageEvent>[]> {
  const type = dmActive ? 'HideSocialLinks' : 'RestoreSocialLinks';
  const bioPageId = bioPageIdOf(owner.userId);
  const context = followUp(service, cause, STEPS[type], bioPageStream(bioPageId));
  const written = eventsOf(await service.commands.handle(bioPage, { type, bioPageId, ...owner }, context));
  if (written.length === 0) return [];
  const { state } = await service.commands.load(creator, creatorStream(owner.creatorId));
  if (!isLive(state) || state.dmActive === dmActive) return written;
  return [...written, ...(await follow(service, cause, owner, state.dmActive))];
}
