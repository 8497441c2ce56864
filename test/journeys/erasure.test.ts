/** What is left of people who were erased, in all that the system has stored or said (domain 9.8). */
import { snapshotFault } from '@creator-dashboards/command-service/runtime/snapshot-check';
import { REBUILDS, type Rebuild } from '@creator-dashboards/projector/rebuild/plan';
import { runRebuild } from '@creator-dashboards/projector/rebuild/run';
import { bundleOf } from '@creator-dashboards/query-service/audit/bundle';
import type { ErasureReceipt } from '@creator-dashboards/query-service/audit/erasure';
import { createHeads } from '@creator-dashboards/query-service/audit/heads';
import { headKeys } from '@creator-dashboards/query-service/audit/signing';
import { verifyLog } from '@creator-dashboards/query-service/audit/verify';
import { hashOf } from '@creator-dashboards/shared/events/index';
import { derivedId, newId } from '@creator-dashboards/shared/ids';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { createLog } from '@creator-dashboards/shared/process/log';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { HOUR } from '@creator-dashboards/shared/time';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { createCanaries, type Canaries } from '../support/canaries.js';
import { tellStory, type Story } from '../support/canary-story.js';
import { documentsIn } from '../support/documents.js';
import { expectInvariants, readLog } from '../support/invariants.js';
import { journey } from '../support/journey.js';
import { openedBy, sealsIn } from '../support/seals.js';
import { storedBytes, wrappedKey } from '../support/stored-bytes.js';
import type { TestSystem } from '../support/system.js';
import { typedFields } from '../support/typed-fields.js';

/** Fields for which the story has no canary, and why. */
const WITHOUT: readonly (readonly [field: RegExp, why: string])[] = [
  [/ body\.(amount|bankCountry)$/, 'an amount, two letters'],
  [
    / query\.(cursor|limit|page|etag|field)$/,
    'part of an answer that was given before, a number, or the name of a field',
  ],
  [/ \/wallet\/activity query\.type$/, 'a word, of which any other is passed over'],
  [/ \/messages(\/conversations)? query\.(role|sessionId)$/, 'a side, or an id'],
  [/ params\.(view|key|name|linkId|causeOrKey)$/, 'the name of something of ours, or an id'],
  [/ body\.(themeId|templateId|method|categories\.name|value)$/, 'the name of something of ours, or a setting'],
  [/ \/admin\/projections\S* query\./, 'ids and names of views'],
  [
    / \/admin\/projections\S* body\.(accept|expect|generation|keys|creator|event|consumer|key|cause)$/,
    'ids, names of fields and views',
  ],
  [/ \/admin\/money\/differences\S* body\.reason$/, 'of a difference of the money, which is about nobody'],
];

journey('what is left of the erased', (openSystem) => {
  let system: TestSystem;
  let canaries: Canaries;
  let story: Story;
  let people: readonly string[];
  let search: (bytes: Uint8Array) => string[];
  let wrapped: readonly (Uint8Array | null)[];
  let poison: RecordedEvent;
  let log: readonly RecordedEvent[];
  const said: string[] = [];

  before(async () => {
    canaries = createCanaries();
    const toMemory = createLog({ logLevel: 'trace' }, 'test', { write: (line) => void said.push(line) });
    system = await openSystem({ log: toMemory });
    story = await tellStory(system, canaries);
    const { fan, creator, referrer, payoutId, ask } = story;
    people = [fan, creator, referrer].map(({ userId }) => userId);
    await fillWithASnapshot();
    await park();
    await system.admin.post('/admin/projections/creatorProfile/rebuild', { reason: 'left unfinished' });
    await addWhatProvidersSaid();
    wrapped = await Promise.all(people.map((userId) => wrappedKey(system.environment, userId)));
    const all = await allBytes();
    for (const key of wrapped) expect(key && all.includes(Buffer.from(key))).to.equal(true);

    for (const userId of people)
      await ask(system.admin, 'POST /admin/users/:userId/erase', `/admin/users/${userId}/erase`, { reason: text });
    expect(await system.stores.keys.get(creator.userId), 'a payout is on its way').to.not.equal('destroyed');
    const result = { id: newId(), payoutId, status: 'paid' };
    expect((await system.provider.post('/webhooks/payouts', result)).status).to.equal(200);
    await system.pass(48 * HOUR + 1);
    await system.access.flush('all');
    await system.catchUp();
    log = await readLog(system.stores.events);
    search = canaries.search();
  });
  after(async () => {
    canaries.close();
    await system.close();
  });

  const stored = () => storedBytes(system.environment, system.stores.events);
  const allBytes = async () => Buffer.concat((await stored()).map(({ bytes }) => bytes));
  const text = (core: string) => `${core} asked for it`;

  /** The 200th event of a stream carries a snapshot. */
  async function fillWithASnapshot(): Promise<void> {
    const { creator, ask } = story;
    for (let n = 0; n < 200; n += 1)
      await ask(creator, 'PATCH /creators/:creatorId/bio', `/creators/${creator.creatorId}/bio`, { bio: text });
  }

  /** An event of a version to come, with all that the newest one of the bio page has. */
  async function park(): Promise<void> {
    const { events } = system.stores;
    const last = (await readLog(events)).filter(({ stream }) => stream.startsWith('bioPage-')).at(-1) as RecordedEvent;
    const metadata = { ...last.metadata, schemaVersion: 99, prevHash: hashOf(last) };
    const { id, type, data } = { ...last, id: newId() };
    await events.append(last.stream, last.revision, [{ id, type, data, metadata }]);
    await system.catchUp();
    poison = (await readLog(events)).find(({ id: its }) => its === id) as RecordedEvent;
  }

  /** What is sealed, but nobody of the story has typed: ids and addresses of providers. */
  async function addWhatProvidersSaid(): Promise<void> {
    const seals = (await readLog(system.stores.events)).flatMap(({ data, metadata }) => sealsIn([data, metadata]));
    for (const seal of seals.filter(({ subject }) => people.includes(subject))) {
      const strings =
        JSON.stringify(JSON.parse((await openedBy(system, seal)) ?? 'null')).match(/"(?:[^"\\]|\\.)*"/g) ?? [];
      for (const one of strings.map((quoted) => JSON.parse(quoted) as string))
        if (one.length >= 16 && !/zqxj/i.test(one)) canaries.add('what is sealed', one);
    }
  }

  it('is looked for in every field into which somebody can type', () => {
    const typed = [...typedFields([...system.routes, ...system.pages])];
    const without = typed.filter((field) => WITHOUT.some(([pattern]) => pattern.test(field)));
    const missing = typed.filter((field) => !canaries.fields().has(field) && !without.includes(field));
    expect(missing, 'give these a canary in the story').to.deep.equal([]);
  });

  it('would be found, however it is written', () => {
    const one = canaries.text('of this test', (core) => core);
    const digest = createHash('md5').update(one).digest();
    const named = derivedId('several things', one);
    const finds = canaries.search();
    const forms = [`ab${one}c`, one.toUpperCase(), Buffer.from(`abc${one}`).toString('base64'), digest.toString('hex')];
    for (const form of [...forms, named, encodeURIComponent(`"${one} ä`), Buffer.from(one).toString('hex'), digest])
      expect(finds(Buffer.concat([Buffer.from('before'), Buffer.from(form)])), String(form)).to.not.deep.equal([]);
    expect(finds(Buffer.from(newId()))).to.deep.equal([]);
  });

  it('is looked for where a key is parked, a stream has a snapshot, and a rebuild is under way', async () => {
    const parked = await system.admin.get('/admin/projections/parked');
    expect(JSON.stringify(parked.body.data)).to.include('has unknown version');
    expect(log.filter(({ metadata }) => 'snapshot' in metadata).length).to.be.greaterThan(0);
    const [plan] = await system.stores.reads.find<Rebuild>(REBUILDS, { where: { view: 'creatorProfile' }, limit: 9 });
    expect(plan?.state).to.equal('RUNNING');
  });

  it('is nothing in any file, collection or table, and no digest of it', async () => {
    const found = (await stored()).flatMap(({ where, bytes }) => search(bytes).map((what) => `${where}: ${what}`));
    expect(found).to.deep.equal([]);
  });

  it('is nothing in a bundle of the whole log', async () => {
    const { events, audit: index } = system.stores;
    const keys = headKeys(system.environment.auditSigningKeys);
    const head = await createHeads({ events, index, keys, clock: system.clock }).sign();
    if (head === null) throw new Error('nothing is indexed');
    let size = 0;
    for await (const lines of bundleOf({ events, index, head, part: { from: 0, to: head.size } })) {
      expect(search(Buffer.from(lines))).to.deep.equal([]);
      size += lines.length;
    }
    expect(size).to.be.greaterThan(500 * head.size);
  });

  it('is nothing in the lines that were logged', () => {
    expect(said.length).to.be.greaterThan(100);
    expect(search(Buffer.from(said.join('')))).to.deep.equal([]);
  });

  it('is no key, not even wrapped', async () => {
    const all = await allBytes();
    for (const [at, userId] of people.entries()) {
      expect(await system.stores.keys.get(userId)).to.equal('destroyed');
      const key = wrapped[at];
      if (!key) throw new Error('there was no key');
      expect(all.includes(Buffer.from(key))).to.equal(false);
    }
  });

  it('cannot be opened with the keys of anybody else, but for what admins said why', async () => {
    const seals = log.flatMap((event) => sealsIn([event.data, event.metadata]).map((seal) => ({ event, seal })));
    const told = new Set<string>();
    for (const { event, seal } of seals) {
      const opened = await openedBy(system, seal);
      if (people.includes(seal.subject)) expect(opened, event.type).to.equal(null);
      else if (opened !== null && search(Buffer.from(opened)).length > 0)
        told.add(`${event.type} ${event.metadata.actor.role} ${seal === event.metadata.reason ? 'reason' : 'data'}`);
    }
    expect([...told].sort()).to.deep.equal([
      'ConfigValueSet ADMIN reason',
      'DataExported AUDITOR reason',
      'IntegrityCheckAsked ADMIN reason',
      'KillSwitchEngaged ADMIN reason',
      'PersonalDataRevealed AUDITOR reason',
      'ProjectionActionTaken ADMIN reason',
      'UserErasureRequested ADMIN reason',
    ]);
  });

  it('is listed by a receipt: what was destroyed, when and by which event, and what stays', async () => {
    const [requestedAt] = log.flatMap(({ type, metadata }) =>
      type === 'UserErasureRequested' ? [metadata.occurredAt] : [],
    );
    const lists = {
      fan: ['BALANCE', 'EMAIL', 'KEY', 'NAME'],
      creator: ['BALANCE', 'EMAIL', 'KEY', 'NAME', 'PAYOUTS', 'PROFILE', 'SOCIAL_ACCOUNT'],
      referrer: ['EMAIL', 'KEY', 'NAME', 'NAME'],
    };
    for (const [who, expected] of Object.entries(lists)) {
      const { userId } = story[who as keyof typeof lists];
      const { status, body } = await system.auditor.get(`/admin/users/${userId}/erasure`);
      expect(status, JSON.stringify(body)).to.equal(200);
      const receipt = body.data as ErasureReceipt;
      expect(receipt).to.include({ userId, requestedAt, key: 'destroyed' });
      expect(receipt.destroyed.map(({ what }) => what).sort(), who).to.deep.equal(expected);
      for (const { what, at, eventId, stream, position } of receipt.destroyed) {
        const event = log.find(({ id }) => id === eventId);
        expect(event, what).to.include({ stream, position: BigInt(position) });
        expect(event?.metadata.occurredAt, what).to.equal(at);
      }
      const key = receipt.destroyed.find(({ what }) => what === 'KEY');
      expect(receipt.erasedAt).to.equal(key?.at);
      expect(Date.parse(receipt.claimsGoneBy ?? '') - Date.parse(receipt.erasedAt ?? '')).to.equal(48 * HOUR);
      const names = receipt.remains.flatMap(({ streams }) => streams);
      expect(names.filter((name) => /^(email|name)-[0-9a-f]{40}$/.test(name))).to.have.length.of.at.least(2);
    }
    await system.refused(
      system.auditor.get(`/admin/users/${story.bystander.userId}/erasure`),
      404,
      'admin.erasure.not_found',
    );
  });

  it('is no claim', async () => {
    expect(await documentsIn(system.stores.reads, 'idempotencyClaims')).to.deep.equal([]);
  });

  it('is not needed by the log: what was signed is there, every view can be made anew, and no money is lost', async () => {
    const { events, audit: index } = system.stores;
    expect((await system.admin.get(`/admin/integrity/receipts/${log.at(-1)?.id}`)).status).to.equal(200);
    const faults: unknown[] = [];
    const verified = await verifyLog({
      ...{ events, index, keys: headKeys(system.environment.auditSigningKeys) },
      snapshotFault: (event) => snapshotFault(events, event),
      onFault: (fault) => void faults.push(fault),
    });
    expect(faults).to.deep.equal([]);
    expect(verified.head?.size).to.be.at.least(log.length);
    await goOnWithout(poison);
    for (const view of Object.keys(registry)) await rebuild(view);
    const all = await readLog(events);
    await expectInvariants(
      system.stores,
      all.filter(({ id }) => id !== poison.id),
    );
  });

  /** As an operator does it: the event is discarded, and what it held goes on. */
  async function goOnWithout({ id }: RecordedEvent): Promise<void> {
    const { body } = await system.admin.get('/admin/projections/parked');
    const { items } = body.data as { items: readonly { cause: string }[] };
    for (const { cause } of items)
      expect((await system.admin.post('/admin/projections/parked/discard', { cause, reason: id })).status).to.equal(
        200,
      );
    await system.catchUp();
  }

  async function rebuild(view: string): Promise<void> {
    const { stores, clock } = system;
    await system.admin.post(`/admin/projections/${view}/rebuild`, { reason: 'a test' }); // refused where one is under way
    const plans = await stores.reads.find<Rebuild>(REBUILDS, { where: { view, state: 'RUNNING' }, limit: 9 });
    const ports = { ...stores, clock, views: withFingerprints(registry), owner: 'a worker', isDead: () => true };
    for (const { _id: plan } of plans) await runRebuild(ports, plan, new AbortController().signal);
    await system.catchUp();
    const [plan] = await stores.reads.find<Rebuild>(REBUILDS, { where: { view, state: 'DONE' }, limit: 9 });
    expect(plan, view).to.not.equal(undefined);
  }
});
