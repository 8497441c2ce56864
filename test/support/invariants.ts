/**
 * What must be true of every log of this system and of everything made from it, checked by plain loops over the events.
 */
import { openAdmissions } from '@creator-dashboards/command-service/lookups/open-admissions';
import { unfinishedReservations } from '@creator-dashboards/command-service/lookups/unfinished-reservations';
import { lookupCollection } from '@creator-dashboards/command-service/runtime/lookups';
import { views } from '@creator-dashboards/shared/views/registry';
import type { Stores } from '@creator-dashboards/shared/process/connect';
import { categoryOf, decode, hashOf, type Recorded } from '@creator-dashboards/shared/events/index';
import { balancesAfter } from '@creator-dashboards/shared/ledger/postings';
import { toCents, toDecimal } from '@creator-dashboards/shared/money';
import type { Digest } from '@creator-dashboards/shared/seal';
import type { EventStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { outOfPartition } from '@creator-dashboards/shared/testing/partitions';
import type { View } from '@creator-dashboards/shared/views/view';
import { expect } from 'chai';
import { idsOfCommand } from './commands.js';
import { documentsIn, expectFolded } from './documents.js';
import type { LedgerEntry } from './ledger.js';
import { expectNamesKept, expectRewardsOnce } from './referral-invariants.js';

export async function readLog(events: EventStore, after = 0n): Promise<RecordedEvent[]> {
  const log: RecordedEvent[] = [];
  for (;;) {
    const page = await events.readAll({ after: log.at(-1)?.position ?? after, limit: 1_000 });
    if (page.length === 0) return log;
    log.push(...page);
  }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

/** Nothing is in the log twice, no stream has a gap, and each event has the hash of the one before it (domain 9.1). */
function expectChains(log: readonly RecordedEvent[]): void {
  const ids = new Set<string>();
  const last = new Map<string, RecordedEvent>();
  for (const event of log) {
    const place = `${event.stream}@${event.revision}`;
    expect(ids.has(event.id), `${place} ${event.type} is a repetition`).to.equal(false);
    ids.add(event.id);
    const before = last.get(event.stream);
    expect(event.revision, place).to.equal((before?.revision ?? -1n) + 1n);
    expect(event.metadata.prevHash, place).to.equal(before ? hashOf(before) : null);
    last.set(event.stream, event);
  }
}

/** Everything that must be true of a log once all consumers are at its head, whatever commands were sent. */
export async function expectInvariants(stores: Pick<Stores, 'reads'>, log: readonly RecordedEvent[]): Promise<void> {
  expectChains(log);
  expectPartitions(log);
  expectSettled(log);
  await expectNothingHalfDone(stores);
  await expectFolded(stores, log);
}

/**
 * An acknowledged command is in the log once, a refused one is not, and one that was never answered is there at most
 * once.
 */
export function expectKept(
  asked: readonly LedgerEntry[],
  log: readonly Pick<RecordedEvent, 'type' | 'metadata'>[],
  digest: Digest,
): void {
  const byCommand = groupBy(log, (event) => event.metadata.commandId);
  for (const { command, answer } of asked) {
    const events =
      command.as === 'anybody'
        ? log.filter(({ metadata }) => metadata.keys.userId === answer?.data.userId)
        : idsOfCommand(command, digest).flatMap((id) => byCommand.get(id) ?? []);
    const left = events.map(({ type }) => type);
    const own = left.filter((type) => command.leaves.some((leaves) => leaves === type));
    const sent = `${command.route} (${command.key}) ${JSON.stringify(command.body)}`;
    const what = `${sent}, answered ${answer?.status ?? 'never'}, left ${left.join()}`;
    const { mayHaveLeft: before } = command;
    const isDone = ({ type, metadata: { keys } }: (typeof log)[number]) =>
      type === before?.type && keys.payoutId === before.payoutId;
    // Who was erased since an unanswered try is not told what became of it.
    const isUnknown = answer === null || answer.refused === 'auth.account.unknown';
    if (isUnknown) expect(own.length, what).to.be.lessThan(2);
    else if (answer.status >= 300) expect(own.length, what).to.equal(0);
    else if (own.length !== 0 || !before || !log.some(isDone)) expect(own.length, what).to.equal(1);
  }
}

/** A worker that reads only the streams of its share of a view misses nothing (ids, domain 9.1). */
function expectPartitions(log: readonly RecordedEvent[]): void {
  for (const view of Object.values<View>(views))
    if (view.partition === 'streamSuffix') expect(outOfPartition(view, log), view.name).to.deep.equal([]);
}

/** No command holds a reserved value any more without having been decided (domain 9.2). */
async function expectNothingHalfDone({ reads }: Pick<Stores, 'reads'>): Promise<void> {
  for (const lookup of [openAdmissions, unfinishedReservations]) {
    const open = (await documentsIn(reads, lookupCollection(lookup))).filter((work) => 'open' in work && work.open);
    expect(open, `${lookup.name} are left`).to.deep.equal([]);
  }
}

/** Each answered message is complete, each hold and each payout is settled once, and no money is created or lost. */
function expectSettled(log: readonly RecordedEvent[]): void {
  const facts = log.map((event) => decode(event));
  for (const [stream, events] of groupBy(facts, ({ stream: name }) => name)) {
    const count = (...types: string[]) => events.filter(({ type }) => types.includes(type)).length;
    const story = `${stream}: ${events.map(({ type }) => type).join()}`;
    switch (categoryOf(stream)) {
      case 'message':
        expect(count('MessageSent', 'MessageAbandoned'), story).to.equal(1);
        expect(count('MessageReplied', 'MessageRejected', 'MessageExpired'), story).to.be.lessThan(2);
        expect(count('MessageCompleted'), story).to.equal(count('MessageReplied'));
        expect(count('MessageRefunded'), story).to.equal(
          count('MessageRejected', 'MessageExpired', 'QuarantineUpheld'),
        );
        break;
      case 'fanWallet':
      case 'creatorWallet':
        expectBalances(events, story);
    }
  }
  expectNamesKept(facts);
  expectRewardsOnce(facts);
  expectHoldsClosed(facts);
  expectChargebacksTakenOnce(facts);
  expectPayoutsPaidOnce(facts);
  expectConserved(facts);
  expectBooked(facts);
  expectNothingLeft(facts);
}

/** Where money goes with each event of a wallet, by the meaning of the event. */
function changeOf(event: Recorded): number | null {
  switch (event.type) {
    case 'FundsLoaded':
    case 'EscrowRefunded':
    case 'PayoutReturned':
      return toCents(event.data.amount);
    case 'EscrowVoided':
      return toCents(event.data.amount);
    case 'WalletWrittenOff':
      return toCents(event.data.amount);
    case 'EscrowHeld':
    case 'ChargebackDebited':
    case 'WalletForfeited':
    case 'PayoutDebited':
      return -toCents(event.data.amount);
    case 'WalletAdjusted':
      return event.data.direction === 'CREDIT' ? toCents(event.data.amount) : -toCents(event.data.amount);
    case 'EscrowReleased':
    case 'EscrowChargedBack':
      return 0;
    case 'EarningsCredited':
      return toCents(event.data.net);
    case 'EarningsReversed':
      return -toCents(event.data.net);
    default:
      return null;
  }
}

/** Each movement begins where the one before it ended. */
function expectBalances(events: readonly Recorded[], story: string): void {
  let balance = 0;
  for (const event of events) {
    const change = changeOf(event);
    if (change === null || !('before' in event.data)) continue;
    expect(toCents(event.data.before), `${story} @${event.revision}`).to.equal(balance);
    balance += change;
    expect(toCents(event.data.after), `${story} @${event.revision}`).to.equal(balance);
    if (event.type === 'EscrowHeld') expect(balance, `${story} @${event.revision}`).to.be.at.least(0);
  }
}

const closings = ['EscrowVoided', 'EscrowRefunded', 'EscrowReleased', 'EscrowChargedBack'];
const outcomes = ['MessageCompleted', 'MessageRefunded', 'MessageAbandoned'];

/** A hold is open while its message waits; then it was closed once, for the same amount. */
function expectHoldsClosed(facts: readonly Recorded[]): void {
  const decided = new Set(facts.filter(({ type }) => outcomes.includes(type)).map(({ stream }) => stream));
  const closed = groupBy(
    facts.filter(({ type }) => closings.includes(type)),
    (event) => ('messageId' in event.data ? (event.data.messageId ?? '') : ''),
  );
  for (const event of facts) {
    if (event.type !== 'EscrowHeld') continue;
    const { messageId, amount } = event.data;
    const ends = (closed.get(messageId) ?? []).filter((end) => 'amount' in end.data && end.data.amount !== '0.00');
    const what = `the hold for ${messageId}: ${ends.map(({ type }) => type).join()}`;
    expect(ends, what).to.have.length(decided.has(`message-${messageId}`) ? 1 : 0);
    for (const end of ends) expect(end.data, what).to.have.property('amount', amount);
  }
}

/** What was charged back was taken from whoever had it, once. */
function expectChargebacksTakenOnce(facts: readonly Recorded[]): void {
  const taken = groupBy(
    facts.filter(({ type }) => ['EscrowChargedBack', 'ChargebackDebited', 'EarningsReversed'].includes(type)),
    ({ data }) => ('messageId' in data && data.messageId) || ('sessionId' in data && data.sessionId) || '',
  );
  const charged = new Set<string>();
  for (const { type, data, metadata } of facts) {
    if (type === 'MessageChargedBack') charged.add(metadata.keys.messageId ?? '');
    if (type === 'CheckoutChargedBack') charged.add(data.sessionId);
  }
  for (const [id, times] of taken) expect(times, `chargeback of ${id}`).to.have.length(1);
  expect([...charged].sort(), 'what was charged back, and what was taken').to.deep.equal([...taken.keys()].sort());
}

function expectPayoutsPaidOnce(facts: readonly Recorded[]): void {
  const of = (payoutId: string, ...types: string[]) =>
    facts.filter(({ type, data }) => types.includes(type) && 'payoutId' in data && data.payoutId === payoutId).length;
  for (const { type, data } of facts) {
    if (type !== 'PayoutProcessingStarted') continue;
    const { payoutId } = data;
    expect(of(payoutId, 'PayoutDebited', 'PayoutDebitRefused'), payoutId).to.equal(1);
    expect(of(payoutId, 'PayoutProcessed', 'PayoutFailed'), payoutId).to.be.lessThan(2);
    const failed = of(payoutId, 'PayoutFailed') * of(payoutId, 'PayoutDebited');
    expect(of(payoutId, 'PayoutReturned'), payoutId).to.equal(failed);
  }
}

/** Who is erased leaves nothing behind, and no payout that may still be judged (G56). */
function expectNothingLeft(facts: readonly Recorded[]): void {
  const erased = facts.filter(({ type }) => type === 'UserErased').map(({ stream }) => stream.replace(/^user-/, ''));
  const last = new Map(facts.map((event) => [event.stream, event]));
  for (const userId of erased) {
    for (const stream of [`fanWallet-${userId}`, `creatorWallet-${userId}`]) {
      const story = facts.filter((event) => event.stream === stream);
      const left = story.reduce((total, event) => total + (changeOf(event) ?? 0), 0);
      expect(left, `${stream}, ends with ${last.get(stream)?.type}`).to.equal(0);
    }
    const of = (wanted: Recorded['type']) =>
      facts.filter(({ type, metadata }) => type === wanted && metadata.keys.userId === userId).length;
    expect(of('PayoutBookClosed'), `the payout book of ${userId}`).to.equal(of('CreatorUpgraded'));
    expect(of('CreatorDeleted'), `the profile of ${userId}`).to.equal(of('CreatorUpgraded'));
  }
}

/** The ledger agrees with what the wallets say of themselves, nothing is under way that nobody waits for, and the watch found no difference. */
function expectBooked(facts: readonly Recorded[]): void {
  const booked = balancesAfter(facts);
  const found = facts.flatMap(({ type, data }) => (type === 'MoneyDifferenceFound' ? [data] : []));
  expect(found).to.deep.equal([]);
  const stated = new Map<string, number>();
  for (const { stream, data } of facts) if ('after' in data) stated.set(stream, toCents(data.after));
  for (const [wallet, balance] of stated) expect(booked.get(wallet) ?? 0, wallet).to.equal(balance);
  expect([...booked.values()].reduce((total, balance) => total + balance, 0)).to.equal(0);
  for (const [account, balance] of booked)
    expect(account, `${account} holds ${balance}`).to.not.match(/^(load|released|chargeback)-/);
}

/** What came in is what people have, what is held for them, what went out and what the platform earned. */
function expectConserved(facts: readonly Recorded[]): void {
  const sum = (amountOf: (event: Recorded) => string | undefined) =>
    facts.reduce((total, event) => total + toCents(amountOf(event) ?? '0.00'), 0);
  const of = (...types: Recorded['type'][]) =>
    sum((event) => (types.includes(event.type) && 'amount' in event.data ? String(event.data.amount) : undefined));
  const balances = facts.reduce((total, event) => total + (changeOf(event) ?? 0), 0);
  const held = of('EscrowHeld') - of('EscrowVoided', 'EscrowRefunded', 'EscrowReleased', 'EscrowChargedBack');
  const out = of('EscrowChargedBack', 'ChargebackDebited', 'PayoutDebited') - of('PayoutReturned');
  const forfeited = of('WalletForfeited') - of('WalletWrittenOff');
  const reversed = sum((event) => (event.type === 'EarningsReversed' ? event.data.gross : undefined));
  const earned =
    sum((event) => (event.type === 'EarningsCredited' ? event.data.commission : undefined)) -
    sum((event) => (event.type === 'EarningsReversed' ? event.data.commission : undefined));
  const adjusted = sum((event) => (event.type === 'WalletAdjusted' ? toDecimal(changeOf(event) ?? 0) : undefined));
  expect(balances + held + out + reversed + earned + forfeited).to.equal(of('FundsLoaded') + adjusted);
  const paid = sum((event) => (event.type === 'EarningsCredited' ? event.data.gross : undefined));
  expect(paid, 'what left the escrow came to the creators').to.equal(of('EscrowReleased'));
  expect(held, 'what is held is held for somebody').to.be.at.least(0);
}
