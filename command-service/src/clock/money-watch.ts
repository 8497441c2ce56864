/**
 * The watch of the money: tells of every difference between the ledger and the log, within a second. The look-ups of the ledger
 * notice what one event shows; here it is judged whether what is owed was moved, and which keys are held by an event that cannot be
 * read. The whole log is judged, also by look-ups that are folded anew after `views.db` was lost: an item that was told, or acknowledged,
 * stands in the log and is not told again.
 */
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { moneyDifferences } from '@creator-dashboards/shared/ledger/differences';
import { ownTurn } from '@creator-dashboards/shared/turns';
import { moneyDifference, type Difference } from '../domain/money-difference.js';
import { REST_MS, type TickerTask } from '../runtime/clock-task.js';
import { lookupCollection } from '../runtime/lookups.js';
import { clockContext } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';
import { PLACES, WATCHED_FEEDS, type After, type Look, type Place } from './money-differences.js';

/** How a service has looked so far. */
interface Watched {
  /** How far the feeds were at the last look that read everything and left nothing open: until one moves, there is nothing to see. */
  seen: string;
  /** Where the next look goes on, by place; from the beginning where none is. */
  readonly after: Map<string, After>;
}
const watched = new WeakMap<CommandService, Watched>();

/**
 * A look reads at most so many pages of each place, and the next one goes on there: the newest of 4,000 accounts with differences is
 * told within a second, of more it takes so much longer.
 */
const PAGES = 5;

/** Looks for differences and tells of them. `done` counts those that are new. */
export const moneyWatch: TickerTask = {
  name: 'money-watch',
  wokenBy: [CHECKPOINTS],
  async run(service, now) {
    const checkpoints = await service.reads.getMany<Checkpoint>(CHECKPOINTS, WATCHED_FEEDS);
    const progress = [...checkpoints.values()].map(({ _id, position }) => `${_id} ${position}`).join();
    const state = watched.get(service) ?? { seen: '', after: new Map<string, After>() };
    watched.set(service, state);
    const rest = { done: 0, failed: 0, restMs: REST_MS };
    if (state.seen === progress) return rest;
    let seen: Promise<boolean> | undefined;
    const isSeen = () => (seen ??= service.events.head().then((head) => service.lookups.reached(head)));
    const look = { service, now, checkpoints, isSeen };
    let [done, isOpen] = [0, state.after.size > 0];
    for (const place of PLACES) {
      const told = await lookAt(place, look, state);
      done += told.done;
      isOpen ||= told.isOpen;
    }
    if (done > 0 || isOpen) return { done, failed: 0 };
    state.seen = progress;
    return rest;
  },
};

/** `isOpen`: there is more, or it cannot be judged yet. */
async function lookAt(place: Place, look: Look, { after }: Watched): Promise<{ done: number; isOpen: boolean }> {
  let [done, isOpen] = [0, false];
  for (let pages = 0; pages < PAGES; pages += 1) {
    const { found, waiting = false, next } = await place.page(look, after.get(place.name));
    const news = await untold(look.service, found);
    for (const difference of news) await tell(look.service, difference);
    done += news.length;
    isOpen ||= waiting;
    if (next) after.set(place.name, next);
    else after.delete(place.name);
    if (!next) return { done, isOpen };
    await ownTurn();
  }
  return { done, isOpen: true };
}

async function untold({ reads }: CommandService, found: readonly Difference[]): Promise<Difference[]> {
  if (found.length === 0) return [];
  const items = new Map(found.map((difference) => [difference.item, difference]));
  const told = await reads.getMany(lookupCollection(moneyDifferences), [...items.keys()]);
  return [...items.values()].filter(({ item }) => !told.has(item));
}

/** Recorded as an event; its policy then stops payouts. */
async function tell(service: CommandService, difference: Difference): Promise<void> {
  const context = { ...clockContext(service, difference.item, 'find'), causationId: difference.eventId };
  const found = await service.commands.handle(moneyDifference, { type: 'Find', ...difference }, context);
  if ('events' in found) await service.runFollowUps(found.events);
}
