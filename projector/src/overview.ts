/** How far everything that follows the log is: views, policies, look-ups, generations that are not served. From the stores only. */
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { lagOf } from '@creator-dashboards/shared/feed/lag';
import { foreignTo } from '@creator-dashboards/shared/feed/log-identity';
import type { Position } from '@creator-dashboards/shared/ports';
import { feedNameOf } from '@creator-dashboards/shared/views/alias';
import { consumersIn } from './parked/keys.js';
import { statusOfViews, type StatusPorts, type ViewStatus } from './status.js';

export interface OtherFeed {
  readonly name: string;
  /** Who runs it; empty when nobody does. */
  readonly owner: string;
  /** Why what it made does not belong to this log, and what to do; null if it does. */
  readonly foreign: string | null;
  readonly position: Position;
  readonly lagEvents: number;
  readonly lagSeconds: number;
  /** 0 of a generation that nobody serves or feeds. */
  readonly parkedKeys: number;
}

export interface Overview {
  readonly head: Position;
  readonly views: readonly ViewStatus[];
  readonly others: readonly OtherFeed[];
}

const MAX_FEEDS = 1_000;

export async function overviewOf(ports: StatusPorts): Promise<Overview> {
  const head = await ports.events.head();
  const views = await statusOfViews(ports);
  return { head, views, others: await otherFeeds(ports, views) };
}

/** Policies, look-ups, and generations that are not served. */
async function otherFeeds(ports: StatusPorts, statuses: readonly ViewStatus[]): Promise<OtherFeed[]> {
  const { events, reads, clock, views } = ports;
  const served = new Set(statuses.map(({ view, generation }) => generation && feedNameOf(view, generation)));
  const collections = new Map((await consumersIn(reads, views)).map(({ name, collection }) => [name, collection]));
  const parkedOf = (name: string) => {
    const collection = collections.get(name);
    return collection === undefined ? 0 : reads.count(collection, { parked: true });
  };
  const checkpoints = await reads.find<Checkpoint>(CHECKPOINTS, { limit: MAX_FEEDS });
  return Promise.all(
    checkpoints
      .filter(({ _id, position, owner }) => !served.has(_id) && (position > 0n || owner !== '')) // else it was dropped, or never began
      .map(async ({ _id: name, position, eventId, owner }) => ({
        name,
        owner,
        foreign: await foreignTo(events, { position, eventId }),
        ...(await lagOf(events, clock, position)),
        parkedKeys: await parkedOf(name),
      })),
  );
}
