/** Where the money does not fit, by the look-ups of the ledger, the checkpoints of policies and the keys that are held. */
import { definitions } from '@creator-dashboards/shared/events/index';
import type { Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { policyFeed } from '@creator-dashboards/shared/feed/policies';
import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import { derivedId } from '@creator-dashboards/shared/ids';
import type { Range } from '@creator-dashboards/shared/ports';
import { fromInstant, MINUTE, type Instant } from '@creator-dashboards/shared/time';
import type { Difference } from '../domain/money-difference.js';
import { sortable, type Faulty } from '../lookups/faults.js';
import { moneyFlows, openAccountsOf, owedAfter, SENDER, type MoneyFlow } from '../lookups/money-flows.js';
import { moneyWallets } from '../lookups/money-wallets.js';
import { lookupCollection, lookupConsumer } from '../runtime/lookups.js';
import type { CommandService } from '../runtime/service.js';

/** Policies that move money which somebody is owed. */
const OWING = [...new Set(Object.values(owedAfter))].filter((name) => name !== null);
const MOVING = [...OWING, 'payout-processing', 'forfeits'];
const FOLDS: readonly Fold<FoldedDocument & Faulty>[] = [moneyWallets, moneyFlows];
/** How long a send whose process died may keep what it holds for a message that was closed. */
const SENDER_MS = 2 * MINUTE;

/** The feeds whose progress may show a difference. */
export const WATCHED_FEEDS: readonly string[] = [
  ...FOLDS.map((fold) => lookupConsumer(fold).name),
  ...MOVING.map(policyFeed),
];

/** What one look goes by. */
export interface Look {
  readonly service: CommandService;
  readonly now: Instant;
  /** As they were before the look. */
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  /** Whether what policies had moved by then is in the look-ups, too. */
  readonly isSeen: () => Promise<boolean>;
}

/** Where differences may show: documents in an order of their own, of which a look reads one page after another. */
export interface Place {
  readonly name: string;
  page(look: Look, after: After | undefined): Promise<Page>;
}
export type After = NonNullable<Range['after']>;
interface Page {
  readonly found: readonly Difference[];
  /** Of some it cannot be said yet. */
  readonly waiting?: boolean;
  /** Of the last document, where there may be more. */
  readonly next: After | undefined;
}

const PAGE = 200;

// ---------------------------------------------------------- what one event shows

function faultsIn(fold: Fold<FoldedDocument & Faulty>): Place {
  return {
    name: `faults of ${fold.name}`,
    async page({ service }, after) {
      const faulty = await service.lookups.find(fold, { range: { field: 'fault', above: '', after }, limit: PAGE });
      const found = faulty.flatMap(({ faults }) =>
        faults.map(({ account, eventId, kind }) => differenceOf(account, eventId, kind)),
      );
      return { found, next: nextAfter(faulty, ({ fault }) => fault) };
    },
  };
}

// -------------------------------------------------------------- what is still owed

/** Accounts that are not empty though the policy that owes the movement has passed the event since which it does. One that is behind has no difference, but a lag. */
function owedBy(policy: string): Place {
  return {
    name: `owed by ${policy}`,
    async page(look, after) {
      const atMost = sortable(look.checkpoints.get(policyFeed(policy))?.position ?? 0n);
      const range = { field: 'owedFrom', above: '', atMost, after };
      const suspects = await look.service.lookups.find(moneyFlows, { where: { owedBy: policy }, range, limit: PAGE });
      return { ...(await unmoved(look, suspects)), next: nextAfter(suspects, ({ owedFrom }) => owedFrom) };
    },
  };
}

const owedBySenders: Place = {
  name: 'owed by senders',
  async page(look, after) {
    const range = { field: 'owedFrom', above: '', after };
    const kept = await look.service.lookups.find(moneyFlows, { where: { owedBy: SENDER }, range, limit: PAGE });
    const isDue = ({ owedAt }: MoneyFlow) =>
      owedAt !== null && fromInstant(look.now) - fromInstant(owedAt) >= SENDER_MS;
    const due = kept.filter(isDue);
    const { found, waiting } = await unmoved(look, due);
    const next = nextAfter(kept, ({ owedFrom }) => owedFrom);
    return { found, waiting: waiting || due.length < kept.length, next };
  },
};

/** Of the accounts that should be empty, those that are not. */
async function unmoved({ service, isSeen }: Look, suspects: readonly MoneyFlow[]) {
  if (suspects.length === 0) return { found: [], waiting: false };
  if (!(await isSeen())) return { found: [], waiting: true };
  const ids = suspects.map(({ _id }) => _id);
  const present = await service.reads.getMany<MoneyFlow>(lookupCollection(moneyFlows), ids);
  const found = suspects.flatMap(({ _id, owedFrom, owedEvent }) => {
    const flow = present.get(_id);
    if (!flow || flow.owedFrom !== owedFrom || owedEvent === null) return [];
    return openAccountsOf(flow).map((account) => differenceOf(account, owedEvent, 'OWED'));
  });
  return { found, waiting: false };
}

// -------------------------------------------------------------------- held keys

/** Keys that are held by an event: what follows it is not moved or not seen. */
function parkedIn(consumer: string, collection: string): Place {
  return {
    name: `held in ${collection}`,
    async page({ service }, after) {
      const afterId = after && { afterId: after._id };
      const held = await service.reads.find<FoldedDocument>(collection, {
        where: { parked: true },
        ...afterId,
        limit: PAGE,
      });
      const found = held.map(({ _id: key, parkedEvent = derivedId(collection, key), parkedType = '' }) => {
        const kind = Object.hasOwn(definitions, parkedType) ? 'PARKED' : 'UNKNOWN';
        return differenceOf(`${consumer}/${key}`, parkedEvent, kind);
      });
      return { found, next: nextAfter(held, ({ _id }) => _id) };
    },
  };
}

/** All of them: of the ledger, and of the policies that move money. */
export const PLACES: readonly Place[] = [
  ...OWING.map(owedBy),
  owedBySenders,
  ...FOLDS.map(faultsIn),
  ...FOLDS.map((fold) => parkedIn(fold.name, lookupCollection(fold))),
  ...MOVING.map((name) => parkedIn(policyFeed(name), `parked.${policyFeed(name)}`)),
];

function nextAfter<D extends FoldedDocument>(
  page: readonly D[],
  valueOf: (document: D) => string | null,
): After | undefined {
  const last = page.length < PAGE ? undefined : page.at(-1);
  return last && { value: valueOf(last) ?? '', _id: last._id };
}

/** The same account, event and kind are the same item, whoever notices it and however often. */
function differenceOf(account: string, eventId: string, kind: Difference['kind']): Difference {
  return { item: derivedId('money-difference', account, eventId, kind), account, eventId, kind };
}
