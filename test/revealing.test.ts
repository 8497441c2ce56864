/** What an auditor reads of sealed values: nothing but admins' reasons, unless she reveals them and says why. */
import { DAY } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { creatorWithDms, fanWith, mayBePaid, send, type Creator, type Person } from './support/people.js';
import { openSystem, type TestSystem } from './support/system.js';

interface Shown {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

describe('Sealed values in what an auditor reads', () => {
  let system: TestSystem;
  let creator: Creator;
  let fan: Person;
  let messageId: string;
  before(async () => {
    system = await openSystem();
    creator = await creatorWithDms(system, 'caller', 'PER_MESSAGE', 10);
    await mayBePaid(system, creator);
    fan = await fanWith(system, 'fan', '100.00');
    messageId = await send(fan, creator, 'PER_MESSAGE', 'a private question');
    await system.admin.post(`/admin/creators/${creator.creatorId}/suspend`, { reason: 'because of a complaint' });
  });
  after(() => system.close());

  const stream = (name: string, query = '') => system.auditor.get(`/admin/streams/${name}${query}`);
  async function shownIn(name: string, query = ''): Promise<readonly Shown[]> {
    const { status, body } = await stream(name, query);
    expect(status, JSON.stringify(body)).to.equal(200);
    return (body.data as { items: readonly Shown[] }).items;
  }
  const named = (items: readonly Shown[], type: string) => items.find((item) => item.type === type);
  const WHY = '?reveal=true&reason=ticket%207';

  it('stay sealed in a stream, an event and a search, but for the reason of an admin', async () => {
    const items = await shownIn(`creator-${creator.creatorId}`);
    const suspended = named(items, 'CreatorSuspended');
    expect(suspended?.metadata).to.include({ reason: 'because of a complaint' });
    expect(named(items, 'BankDetailsUpdated')?.data).to.deep.include({
      bankDetails: { sealed: true, subject: creator.userId },
    });
    const one = (await system.auditor.get(`/admin/events/${suspended?.id}`)).body.data as Shown;
    const found = (await system.auditor.get(`/admin/events?type=CreatorSuspended`)).body.data as { items: Shown[] };
    for (const event of [one, found.items[0]]) expect(event).to.deep.equal(suspended);
    const sealed = await shownIn(`message-${messageId}`);
    expect(named(sealed, 'MessageSent')?.data.content).to.deep.equal({ sealed: true, subject: fan.userId });
  });

  it('are shown where they are revealed with a reason, which is recorded before, with whose they are', async () => {
    await system.newEvents();
    const items = await shownIn(`message-${messageId}`, WHY);
    expect(named(items, 'MessageSent')?.data.content).to.equal('a private question');
    const recorded = (await system.newEvents()).filter(({ type }) => type === 'PersonalDataRevealed');
    expect(recorded.map(({ data }) => data)).to.have.length(1);
    expect(recorded[0]?.data).to.deep.include({ means: 'GET /admin/streams/:stream', person: fan.userId });
    const { id } = named(await shownIn(`creator-${creator.creatorId}`), 'BankDetailsUpdated') as Shown;
    const one = (await system.auditor.get(`/admin/events/${id}${WHY}`)).body.data as Shown;
    expect(one.data.bankDetails).to.deep.include({ iban: 'DE89370400440532013000' });
    const of = (await system.newEvents()).find(({ type }) => type === 'PersonalDataRevealed');
    expect(of?.data).to.deep.include({ means: 'GET /admin/events/:eventId', person: creator.userId });
  });

  it('are shown to nobody without a reason, nor while it cannot be recorded', async () => {
    const { status, body } = await stream(`message-${messageId}`, '?reveal=true');
    expect([status, body.error.i18nKey]).to.deep.equal([400, 'common.validation_failed']);
    expect((await fan.get(`/admin/streams/message-${messageId}${WHY}`)).status).to.equal(403);
    const { append } = system.stores.events;
    system.stores.events.append = () => Promise.reject(new Error('the disk is full'));
    const failed = await stream(`message-${messageId}`, WHY);
    system.stores.events.append = append;
    expect(failed.status).to.be.at.least(500);
    expect(JSON.stringify(failed.body)).to.not.include('a private question');
  });

  it('never show the hash of a password or an address that acts, even where they are revealed', async () => {
    const registered = named(await shownIn(`user-${fan.userId}`, WHY), 'UserRegistered');
    expect(registered?.data).to.include({ email: 'fan@example.org', username: 'fan' });
    expect(registered?.data.passwordHash).to.deep.equal({ sealed: true, subject: fan.userId });
    const started = named(await shownIn(`creator-${creator.creatorId}`, WHY), 'KycStarted');
    expect(started?.data.redirectUrl).to.deep.equal({ sealed: true, subject: creator.userId });
  });

  it('are gone once the person is erased, and say so; why she was erased stays', async () => {
    await system.admin.post(`/admin/users/${fan.userId}/erase`, { reason: 'asked for it' });
    await system.pass(DAY);
    const gone = { sealed: true, subject: fan.userId, erased: true };
    expect(named(await shownIn(`message-${messageId}`, WHY), 'MessageSent')?.data.content).to.deep.equal(gone);
    const erasure = named(await shownIn(`user-${fan.userId}`), 'UserErasureRequested');
    expect(erasure?.metadata.reason, "it is the admin's").to.equal('asked for it');
  });
});
