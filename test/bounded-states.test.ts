/**
 * No aggregate's state grows with its history (domain G44b): what a command costs does not depend on how much has happened, and a
 * snapshot is never left out for its size. Long lives are told by the samples of all event types, again and again, each time with
 * ids of their own.
 */
import { SNAPSHOT_MAX_BYTES } from '@creator-dashboards/command-service/runtime/stream-states';
import { derivedId } from '@creator-dashboards/shared/ids';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { expect } from 'chai';
import { fileURLToPath } from 'node:url';
import { readers, type Reader } from './event-samples/readers.js';
import { readSamples, samplesIn } from './event-samples/samples.js';

/** Begin a stream: a second one would start its state anew. */
const BEGIN = [
  ...['UserRegistered', 'CreatorUpgraded', 'WalletOpened', 'CheckoutStarted', 'MessageSent', 'ReferralLinkCreated'],
];
/** End a stream. */
const END = ['UserErased', 'CreatorDeleted', 'PayoutBookClosed', 'MessageAbandoned', 'Retired'];
/** Leave something open (a link, a hold, a payout …) until another event closes it; decide allows so many at once, and no more. */
const OPEN = [
  ...['BioLinkAdded', 'BioLinkUpdated', 'BioLinksReordered', 'BioTemplateApplied', 'SocialLinksHidden'],
  ...['SocialLinksRestored', 'MessageAdmitted', 'EscrowHeld', 'Reserved'],
  ...['PayoutRequested', 'PayoutApproved', 'PayoutProcessingStarted'],
];
/** More than any list remembers, which is 1,000 at most; and as many more as show growth. */
const [ROUNDS, MORE] = [1_050, 100];
/** 200 of them, each with its id, first revision and count. */
const COMMANDS_BYTES = 200 * 60;
/** Of a state whose amounts and counters have a few more digits. */
const DIGITS = 100;

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g;
const samples = samplesIn(readSamples(fileURLToPath(new URL('./event-samples/events', import.meta.url))));
const deciders = readers.filter(({ name }) => name.startsWith('decider.'));

/** For one sample of each type: what it presupposes of its stream, and itself. */
function episodesOf(reader: Reader): RecordedEvent[][] {
  const own = samples.filter(({ event }) => reader.keyOf(event) !== undefined);
  const ofEachType = new Map(own.map((sample) => [sample.event.type, sample])).values();
  return [...ofEachType].map(({ event, before }) => [
    ...before.filter((one) => reader.keyOf(one) === reader.keyOf(event)),
    event,
  ]);
}

/** The same event of other messages, payouts, links, people: whatever it names but the stream's own name. */
function retold(event: RecordedEvent, told: string): RecordedEvent {
  const fresh = (id: string) => (event.stream.includes(id) ? id : derivedId('told', told, id));
  return { ...event, data: JSON.parse(JSON.stringify(event.data).replace(UUID, fresh)) as RecordedEvent['data'] };
}

const bytesOf = (state: object) => Buffer.byteLength(JSON.stringify(state));

const isOneOf =
  (types: readonly string[]) =>
  ({ type }: RecordedEvent) =>
    types.includes(type);

/** Size of the state after so many rounds of all that can happen again and again, and after some more. */
function sizesOf(reader: Reader): [full: number, later: number] {
  const tell = (before: object, event: RecordedEvent) => reader.after(before, event);
  const episodes = episodesOf(reader);
  const again = episodes
    .map((events) => events.filter((event) => !isOneOf(BEGIN)(event)))
    .filter((events) => !events.some(isOneOf(END)) && !events.slice(-1).some(isOneOf(OPEN)));
  const round = (before: object, number: number) =>
    again.flatMap((events, index) => events.map((event) => retold(event, `${number} ${index}`))).reduce(tell, before);
  const rounds = (before: object, from: number, count: number) =>
    Array.from({ length: count }, (_, index) => from + index).reduce(round, before);
  const begun = episodes.flat().filter(isOneOf(BEGIN)).slice(0, 1).reduce(tell, reader.initial);
  const full = rounds(begun, 0, ROUNDS);
  return [bytesOf(full), bytesOf(rounds(full, ROUNDS, MORE))];
}

describe('The state of an aggregate', () => {
  for (const reader of deciders)
    it(`grows no further, however much happens, and fits into a snapshot: ${reader.name.replace('decider.', '')}`, () => {
      const [full, later] = sizesOf(reader);
      expect(later, 'after more').to.be.at.most(full + DIGITS);
      expect(later + COMMANDS_BYTES, 'with the commands it remembers').to.be.at.most(SNAPSHOT_MAX_BYTES);
    });
});
