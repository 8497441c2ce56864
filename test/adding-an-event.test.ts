/** docs/adding-an-event.md, followed step by step. What it quotes is in adding-an-event/greeting.ts. */
import { creatorProfile } from '@creator-dashboards/shared/views/creator-profile/fold';
import type { EventDefinition } from '@creator-dashboards/shared/events/define';
import { decode, definitions, UnreadableEvent, type EventType } from '@creator-dashboards/shared/events/index';
import { CreatorId, CreatorUserId } from '@creator-dashboards/shared/ids';
import { applyTo, digestOf, foldAll, type Fold } from '@creator-dashboards/shared/fold';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { history, onStream, sealedValue, type GivenEvent } from '@creator-dashboards/shared/testing/given';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import {
  decide,
  evolve,
  greetingEvents,
  handlers,
  type GreetedProfile,
  type GreetingEvent,
} from './adding-an-event/greeting.js';

const userId = CreatorUserId('11111111-1111-4111-8111-1111111111c1');
const creatorId = CreatorId('22222222-2222-4222-8222-2222222222c1');
const creator = onStream(`creator-${creatorId}`, { userId, creatorId });
const greeting = sealedValue(userId, 'Come in!');

const upgraded = creator('CreatorUpgraded', {
  creatorId,
  userId,
  bioPageId: '33333333-3333-4333-8333-3333333333c1',
  displayName: sealedValue(userId, 'Cleo'),
  bio: sealedValue(userId, 'I paint'),
  username: null,
  usernameDigest: null,
  templateId: null,
  template: null,
  createdAt: '2026-04-29T10:00:00.000Z',
});

/** The registry and its types know the example only during this test. */
const known = definitions as Record<string, EventDefinition>;
const greeted = (data: GreetingEvent['data']): GivenEvent =>
  creator('CreatorGreetingSet' as EventType, data as never, '2026-05-01T10:00:00.000Z');

/** As version 1 of the example wrote it. */
function asVersion1(event: RecordedEvent): RecordedEvent {
  const { locale: _, ...data } = event.data;
  return { ...event, data, metadata: { ...event.metadata, schemaVersion: 1 } };
}

const profile2 = {
  ...creatorProfile,
  version: creatorProfile.version + 1,
  initial: { ...creatorProfile.initial, greeting: null },
  handlers: { ...creatorProfile.handlers, ...handlers },
} as Fold<GreetedProfile>; // The handlers of version 1 keep the fields they do not know.

describe('docs/adding-an-event.md', () => {
  before(() => {
    expect(known, 'the name of the example is taken').to.not.have.any.keys(...Object.keys(greetingEvents));
    Object.assign(known, greetingEvents);
  });
  after(() => delete known.CreatorGreetingSet);

  it('steps 1 and 2: a written event fits its schema and carries its schema version', () => {
    const [, stored] = history([upgraded, greeted({ greeting, locale: 'de' })]);
    expect(stored?.metadata.schemaVersion).to.equal(2);
    expect(() => history([greeted({ greeting, locale: '' })])).to.throw(UnreadableEvent);
    expect(() => history([greeted({ greeting, locale: 'de', extra: 1 } as GreetingEvent['data'])])).to.throw(
      UnreadableEvent,
    );
  });

  it('step 2: an event stored in the old shape is read in the new one', () => {
    const old = history([greeted({ greeting, locale: 'de' })]).map(asVersion1)[0] as RecordedEvent;
    expect(decode(old).data).to.deep.equal({ greeting, locale: 'en' });
    const future = { ...old, metadata: { ...old.metadata, schemaVersion: 3 } };
    expect(() => decode(future)).to.throw(UnreadableEvent, 'unknown version 3');
  });

  it('step 3: the decider says what may happen', () => {
    const set = { type: 'SetGreeting', greeting, locale: 'de' } as const;
    const state = { exists: true, locale: null };
    const event: GreetingEvent = { type: 'CreatorGreetingSet', data: { greeting, locale: 'de' } };
    expect(decide(set, { ...state, exists: false })).to.have.property('refused', 'error.creator.not_found');
    expect(decide(set, state)).to.deep.equal([event]);
    expect(decide({ ...set, greeting: null }, state)).to.deep.equal([]);
    expect(evolve(state, event).locale).to.equal('de');
  });

  it('step 5: the projection keeps the seal closed, and parks by the keys in the metadata', () => {
    const log = history([upgraded, greeted({ greeting, locale: 'de' })]);
    const document = foldAll(profile2, log).get(userId);
    expect(document?.greeting).to.deep.equal(greeting);
    expect(document?.updatedAt).to.equal('2026-05-01T10:00:00.000Z');
    const broken = { ...(log[1] as RecordedEvent), data: { greeting: 'not sealed' } };
    expect(profile2.keyOf(broken)).to.equal(userId);
    expect(() => applyTo(profile2, userId, null, broken)).to.throw(UnreadableEvent);
  });

  it("step 5: the same events give other documents, so the view's version must be raised", () => {
    const log = history([upgraded, greeted({ greeting, locale: 'de' })]);
    const [before, after] = [foldAll(creatorProfile, log), foldAll(profile2, log)];
    expect(digestOf(before.values())).not.to.equal(digestOf(after.values()));
    expect(profile2.version).to.be.greaterThan(creatorProfile.version);
  });

  it('quotes the example as it is in the code', () => {
    const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
    const example = spaceless(read('adding-an-event/greeting.ts'));
    const quotes = [...read('../docs/adding-an-event.md').matchAll(/```ts example\n(.*?)```/gs)];
    expect(quotes).to.have.length.of.at.least(4);
    for (const [, quote = ''] of quotes) expect(example).to.include(spaceless(quote));
  });
});

function spaceless(text: string): string {
  return text.replace(/\s+/g, '');
}
