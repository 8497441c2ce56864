import { type Content } from '@creator-dashboards/shared/fold';
import {
  creatorUserId,
  delivered,
  idOf,
  replied,
  sent,
  strangerId,
} from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import { logOf } from '@creator-dashboards/shared/testing/log';
import { randomHistory } from '@creator-dashboards/shared/testing/random-history';
import { views } from '@creator-dashboards/shared/views/registry';
import type { View } from '@creator-dashboards/shared/views/view';
import { expect } from 'chai';
import fc from 'fast-check';
import { foldTwice, type TwiceOptions } from '../../src/compare/twice.js';
import { answeredElsewhere, letter, mailbox, withBrokenArrivals, type MailboxDocument } from '../toy-views.js';

/** Positions 10 to 50; the second one is of the mailbox of a stranger, all others of the creator's. */
const story = [sent(), answeredElsewhere, sent(idOf(2)), delivered(), replied()];
const log = logOf(history(story));

type Box = Content<MailboxDocument> & { readonly extra?: unknown };
const twice = (view: View, options?: TwiceOptions) => foldTwice(log, view, options);

/** The mailbox with another handler of arrivals, of which the log has one, at position 40. */
function withArrivals(arrive: (box: Box, occurredAt: string) => Box): View {
  const handlers = {
    ...mailbox.handlers,
    MessageDelivered: (box: Box, event: { metadata: { occurredAt: string } }) => arrive(box, event.metadata.occurredAt),
  };
  return { ...mailbox, handlers };
}

describe('The command verify --twice', () => {
  const clean = { view: 'mailbox', position: 50n, events: 3, documents: 2, parked: 0, unreadable: 0, impure: [] };

  it('finds nothing in a fold that depends on its events alone', async () => {
    expect(await twice(mailbox)).to.deep.equal(clean);
  });

  it('finds nothing in any view of the system, over random histories', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, async (made) => {
        for (const view of Object.values(views))
          expect((await foldTwice(logOf(made.log), view)).impure, view.name).to.deep.equal([]);
      }),
      { numRuns: 10 },
    );
  });

  let counter = 0;
  const cache = new Set<string>();
  const planted: Record<string, (box: Box, occurredAt: string) => unknown> = {
    'the clock': () => Date.now(),
    'a date of now': () => new Date().toISOString().slice(0, 4),
    'a date of now as text': () => Date().slice(0, 3),
    'the monotonic clock': () => Math.round(performance.now() / 1_000_000),
    'whether it happened before now': (_, at) => new Date(at).getTime() < Date.now(),
    chance: () => Math.random(),
    'the toss of a coin': () => Math.random() < 0.5,
    'a new id': () => crypto.randomUUID(),
    'a counter in the module': () => (counter += 1),
    'a memory in the module': (_, at) => cache.size === cache.add(at).size,
    'the local date': (_, at) => new Date(at).getDate(),
    'the local hour': (_, at) => new Date(at).getHours(),
    'the local minute': (_, at) => new Date(at).getMinutes(),
    'the offset of the time zone': (_, at) => new Date(at).getTimezoneOffset(),
    'a date in the format of the place': (_, at) => new Date(at).toLocaleDateString(),
    'a formatter of the place': (_, at) => new Intl.DateTimeFormat(undefined, { timeZone: 'UTC' }).format(new Date(at)),
    'a number in the format of the place': () => (1234.5).toLocaleString(),
    'capitals of the place': () => 'id'.toLocaleUpperCase(),
    'the alphabet of the place': () => 'ı'.localeCompare('iz'),
  };
  for (const [what, extra] of Object.entries(planted))
    it(`names the handler that depends on ${what}, and no other`, async () => {
      const { impure } = await twice(withArrivals((box, at) => ({ ...box, delivered: 1, extra: extra(box, at) })));
      expect(impure).to.have.length(1);
      expect(impure[0]).to.deep.include({
        event: 'MessageDelivered',
        key: creatorUserId,
        position: 40n,
        problem: 'gave different documents',
      });
      expect(impure[0]?.fields.map(({ path }) => path)).to.deep.equal(['extra']);
    });

  it('names the handler that depends on which document was folded before it', async () => {
    let last = '';
    const handlers = {
      MessageReplied: (box: Box, { stream }: { stream: string }) => {
        const extra = last;
        last = stream;
        return { ...box, extra };
      },
    };
    const { impure } = await twice({ ...mailbox, handlers });
    expect(impure.map(({ event }) => event)).to.deep.equal(['MessageReplied']);
  });

  it('names the handler that writes into the document it is given, and no other', async () => {
    const view = withArrivals((box) => {
      (box.extra as number[]).push(1);
      return box;
    });
    const { impure } = await twice({ ...view, initial: { ...view.initial, extra: [] } });
    expect(impure).to.have.length(1);
    expect(impure[0]).to.include({
      event: 'MessageDelivered',
      problem: 'writes into the document that it is given',
    });
  });

  it('names the handler that fails one time only, and a key that is another at another time', async () => {
    const failing = withArrivals((box) => {
      if (Math.random() < 0.5) throw new Error('bad luck');
      return box;
    });
    expect((await twice(failing)).impure[0]).to.include({
      event: 'MessageDelivered',
      problem: 'failed once: bad luck',
    });
    const wandering = { ...mailbox, keyOf: () => (Math.random() < 0.5 ? creatorUserId : strangerId) };
    const found = (await twice(wandering)).impure.map(({ event, problem }) => [event, problem]);
    expect(found).to.deep.equal([
      ['MessageReplied', 'was given to another document'],
      ['MessageDelivered', 'was given to another document'],
    ]);
  });

  it('names every handler of a view that is wrong, at the first event where it shows', async () => {
    const view = withArrivals((box) => ({ ...box, extra: Date.now() }));
    const replies = { MessageReplied: (box: Box) => ({ ...box, answered: Math.random() }) };
    const { impure } = await twice({ ...view, handlers: { ...view.handlers, ...replies } });
    expect(impure.map(({ event, position, key }) => [event, position, key])).to.deep.equal([
      ['MessageReplied', 20n, strangerId],
      ['MessageDelivered', 40n, creatorUserId],
    ]);
  });

  it('says the same however few events and documents it holds at once', async () => {
    const ids = [3, 1, 5, 2, 4].map(idOf);
    const letters = logOf(history([...ids.map((id) => sent(id)), ...ids.map((id) => delivered(id))]));
    const handlers = { ...letter.handlers, MessageDelivered: () => ({ arrived: Math.random() < 0.5 }) };
    const whole = await foldTwice(letters, { ...letter, handlers });
    expect(whole).to.deep.include({ events: 10, documents: 5, parked: 0 });
    expect(whole.impure.map(({ position, key }) => [position, key])).to.deep.equal([[60n, idOf(3)]]);
    for (const options of [{ most: 1 }, { most: 2, page: 3 }, { page: 1 }])
      expect(await foldTwice(letters, { ...letter, handlers }, options)).to.deep.equal(whole);
  });

  it('counts documents that stop both times, and events without a key, and goes on', async () => {
    const broken = logOf(withBrokenArrivals(log.all));
    expect(await foldTwice(broken, mailbox)).to.deep.equal({ ...clean, parked: 1 });
    const keyOf: typeof mailbox.keyOf = (event) => {
      if (event.position === 40n) throw new Error('the metadata is not JSON');
      return mailbox.keyOf(event);
    };
    expect(await twice({ ...mailbox, keyOf })).to.deep.equal({ ...clean, unreadable: 1 });
  });

  it('leaves clock, zone, locale and chance as they were, also when a handler fails', async () => {
    const seen = () => [Date, Date.now, Math.random, performance.now, Intl.Collator, process.env.TZ, (1.5).toLocaleString(), new Date(0).getHours()]; // prettier-ignore
    const before = seen();
    await twice(withArrivals(() => { throw new Error('no'); })); // prettier-ignore
    expect(seen()).to.deep.equal(before);
  });
});
