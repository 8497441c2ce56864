/** Where the money does not fit, by the look-ups of the ledger, the checkpoints of policies and the keys that are held. */
import { definitions } from '@creator-dashboards/shared/events/index';
import type { Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { policyFeed } from '@creator-dashboards/shared/feed/policies';
import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import { derivedId } from '@creator-dashboards/shared/ids';
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
/** Differences of one kind that are told at once; the rest follow at the next look. */
const PAGE = 200;
/** How long a send whose process died may keep what it holds for a message that was closed. */
const SENDER_MS = 2 * MINUTE;

/** The feeds whose progress may show a difference. */
export const WATCHED_FEEDS: readonly string[] = [
  ...FOLDS.map((fold) => lookupConsumer(fold).name),
  ...MOVING.map(policyFeed),
];

type Checkpoints = ReadonlyMap<string, Checkpoint>;

// ---------------------------------------------------------- what one event shows

export async function faults(service: CommandService): Promise<Difference[]> {
  const found: Difference[] = [];
  for (const fold of FOLDS) {
    const range = { field: 'fault', above: '' };
    const faulty = await service.lookups.find(fold, { range, limit: PAGE });
    for (const { faults: all } of faulty)
      for (const { account, eventId, kind } of all) found.push(differenceOf(account, eventId, kind));
  }
  return found;
}

// -------------------------------------------------------------- what is still owed

/**
 * Accounts that are not empty though the policy that owes the movement has passed the event since which it does; `waiting` where that
 * cannot be said yet. A policy that is behind has no difference, but a lag. `checkpoints`: as they were before this was called.
 */
export async function unmoved(service: CommandService, checkpoints: Checkpoints, now: Instant) {
  const kept = await keptBySenders(service);
  const due = kept.filter(({ owedAt }) => owedAt !== null && fromInstant(now) - fromInstant(owedAt) >= SENDER_MS);
  const suspects = [...(await passedBy(service, checkpoints)), ...due];
  if (suspects.length === 0) return { found: [], waiting: kept.length > 0 };
  // What the policies have moved is in the log by now, but the look-up may not have seen it.
  if (!(await service.lookups.reached(await service.events.head()))) return { found: [], waiting: true };
  const present = await service.reads.getMany<MoneyFlow>(
    lookupCollection(moneyFlows),
    suspects.map(({ _id }) => _id),
  );
  const found = suspects.flatMap(({ _id, owedFrom, owedEvent }) => {
    const flow = present.get(_id);
    if (!flow || flow.owedFrom !== owedFrom || owedEvent === null) return [];
    return openAccountsOf(flow).map((account) => differenceOf(account, owedEvent, 'OWED'));
  });
  return { found, waiting: due.length < kept.length };
}

async function passedBy(service: CommandService, checkpoints: Checkpoints): Promise<MoneyFlow[]> {
  const found: MoneyFlow[] = [];
  for (const policy of OWING) {
    const passed = checkpoints.get(policyFeed(policy))?.position ?? 0n;
    const range = { field: 'owedFrom', above: '', atMost: sortable(passed) };
    found.push(...(await service.lookups.find(moneyFlows, { where: { owedBy: policy }, range, limit: PAGE })));
  }
  return found;
}

function keptBySenders(service: CommandService): Promise<MoneyFlow[]> {
  const range = { field: 'owedFrom', above: '' };
  return service.lookups.find(moneyFlows, { where: { owedBy: SENDER }, range, limit: PAGE });
}

// -------------------------------------------------------------------- held keys

/** Keys of the ledger, and of policies that move money, which are held by an event: what follows it is not moved or not seen. */
export async function parked({ reads }: CommandService): Promise<Difference[]> {
  const places = [
    ...FOLDS.map((fold) => ({ consumer: fold.name, collection: lookupCollection(fold) })),
    ...MOVING.map((name) => ({ consumer: policyFeed(name), collection: `parked.${policyFeed(name)}` })),
  ];
  const found: Difference[] = [];
  for (const { consumer, collection } of places)
    for (const held of await reads.find<FoldedDocument>(collection, { where: { parked: true }, limit: PAGE })) {
      const { _id: key, parkedEvent = derivedId(collection, key), parkedType = '' } = held;
      const kind = Object.hasOwn(definitions, parkedType) ? 'PARKED' : 'UNKNOWN';
      found.push(differenceOf(`${consumer}/${key}`, parkedEvent, kind));
    }
  return found;
}

/** The same account, event and kind are the same item, whoever notices it and however often. */
function differenceOf(account: string, eventId: string, kind: Difference['kind']): Difference {
  return { item: derivedId('money-difference', account, eventId, kind), account, eventId, kind };
}
