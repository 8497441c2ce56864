import { RetryLater } from '@creator-dashboards/shared/feed/consumer';
import { creator, creatorStream } from '../domain/creator/creator.js';
import { climb, levelGates } from '@creator-dashboards/shared/views/levels';
import { creatorTotals } from '../lookups/creator-totals.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';
import { routingKeys } from './routing-keys.js';
import type { CreatorCommand } from '../domain/creator/commands.js';

/** Promotes while both gates of the next level are met, by totals that include this event; never demotes (G8; gates, G9). */
export const levels = policy({
  name: 'levels',
  on: ['MessageDelivered', 'MessageCompleted'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  async react(event, service) {
    const { creatorId } = routingKeys(event, 'creatorId');
    if (!(await service.lookups.reached(event.position))) throw new RetryLater('the look-ups are behind this event');
    const totals = await service.lookups.get(creatorTotals, creatorId);
    if (!totals) return [];
    const gates = levelGates(await service.lookups.config());
    if (climb(totals.level, totals, gates) === totals.level) return [];
    const context = followUp(service, event, 'levels', creatorStream(creatorId));
    const { messages, earnings } = totals;
    const command: CreatorCommand = { type: 'Promote', creatorId, totals: { messages, earnings }, gates };
    return eventsOf(await service.commands.handle(creator, command, context));
  },
});
