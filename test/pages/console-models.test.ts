import { expect } from 'chai';
import type {
  CauseNode,
  ConfigItem,
  Generation,
  LogEvent,
  Overview,
  Rebuild,
} from '../../pages/src/console/models/answers.js';
import { causeRows } from '../../pages/src/console/models/cause-tree.js';
import { filtersOf, typedFilters } from '../../pages/src/console/models/chips.js';
import { lastDays } from '../../pages/src/console/models/days.js';
import { lossesOf } from '../../pages/src/console/models/erasing.js';
import { feedRows, healthCounts, shortOwner } from '../../pages/src/console/models/feeds.js';
import { fieldsOf, pairsOf, wordsOf } from '../../pages/src/console/models/fields.js';
import { isForEvents, placeOf } from '../../pages/src/console/models/places.js';
import { settingsOf } from '../../pages/src/console/models/settings.js';
import { stepLine } from '../../pages/src/console/models/step-line.js';
import { wayBack, wayOn } from '../../pages/src/console/models/switching.js';
import { verdictOf } from '../../pages/src/console/models/verdict.js';
import { aboutOf, DEEDS, placeOf as placeOfWork, waitingIn } from '../../pages/src/console/models/work.js';
import { workStatus } from '@creator-dashboards/shared/views/work/body';

describe('Now, in the console', () => {
  const feed = { position: '9', lagEvents: 0, lagSeconds: 0, parkedKeys: 0, owner: 'host/4026:71:01a2', foreign: null };
  const view = {
    ...feed,
    ...{ view: 'message', version: 2, generation: 'v2', frozenSince: null, rebuild: null },
    builtBy: 'this code' as const,
  };
  const overview = (views: Overview['views'], others: Overview['others'] = []): Overview => ({
    head: '9',
    views,
    others,
  });

  it('shows first what is in trouble, then what is worth a look, then the rest in the order of the answer', () => {
    const rows = feedRows(
      overview(
        [view, { ...view, view: 'account', lagSeconds: 3 }],
        [
          { ...feed, name: 'policy.levels' },
          { ...feed, name: 'lookup.config.v1', parkedKeys: 2 },
        ],
      ),
    );
    expect(rows.map(({ name, kind, health, why }) => [name, kind, health, ...why])).to.deep.equal([
      ['config.v1', 'look-up', 'bad', '2 parked'],
      ['account', 'view', 'warn', '3 s behind'],
      ['message', 'view', 'good'],
      ['levels', 'policy', 'good'],
    ]);
    expect(healthCounts(rows)).to.deep.equal({ bad: 1, warn: 1, good: 2 });
  });

  it('says of a feed that is behind and held by nobody that nobody feeds it', () => {
    const [row] = feedRows(overview([{ ...view, owner: '', lagEvents: 4, lagSeconds: 20 }]));
    expect(row?.why).to.deep.equal(['20 s behind', 'nobody feeds it']);
  });

  it('names a process by host and pid', () => {
    expect(shortOwner('host/4026:71:01a2')).to.equal('host:71');
    expect(shortOwner('')).to.equal('');
  });
});

describe('Cause, in the console', () => {
  const node = (id: string, parentId: string | null, more: Partial<CauseNode> = {}): CauseNode => ({
    ...{ kind: 'event', id, parentId, type: id, stream: 's-1', position: '1', occurredAt: null, afterMs: null },
    ...{ actor: null, policy: null, view: null, key: null, state: 'done', detail: null },
    ...more,
  });

  it('lists what each step caused below it, deeper, also where the answer has it elsewhere', () => {
    const rows = causeRows([
      node('a', null, { afterMs: 0 }),
      node('b', null),
      node('aa', 'a', { afterMs: 40 }),
      node('aaa', 'aa', { afterMs: 10 }),
    ]);
    expect(rows.map(({ node: { id }, depth, at }) => [id, depth, at])).to.deep.equal([
      ['a', 0, 0],
      ['aa', 1, 100],
      ['aaa', 2, 25],
      ['b', 0, null],
    ]);
  });

  it('shows grey what did not run, and as trouble what waits for somebody', () => {
    const rows = causeRows([
      node('a', null, { state: 'nothing' }),
      node('b', null, { state: 'parked' }),
      node('c', null),
    ]);
    expect(rows.map(({ isIdle, isTrouble }) => [isIdle, isTrouble])).to.deep.equal([
      [true, false],
      [false, true],
      [false, false],
    ]);
  });

  it('shows at the top what was caused by something that is not in the answer', () => {
    expect(causeRows([node('lost', 'elsewhere')]).map(({ depth }) => depth)).to.deep.equal([0]);
  });
});

describe('Creator, in the console', () => {
  it('lists every value with the path by which it is explained', () => {
    expect(
      fieldsOf({ level: 'GOLD', next: { a: 1 }, rewards: [{ amount: '5.00' }], none: [], gone: null }),
    ).to.deep.equal([
      { path: 'level', value: 'GOLD' },
      { path: 'next.a', value: 1 },
      { path: 'rewards.0.amount', value: '5.00' },
      { path: 'gone', value: null },
    ]);
  });

  it('lays two bodies side by side, and says which fields differ', () => {
    expect(pairsOf({ a: '1.00', b: 1 }, { a: '1.0', c: null })).to.deep.equal([
      { path: 'a', left: '1.00', right: '1.0', differs: true },
      { path: 'b', left: 1, right: undefined, differs: true },
      { path: 'c', left: undefined, right: null, differs: true },
    ]);
    expect(pairsOf({ a: 1 }, { a: 1 }).map(({ differs }) => differs)).to.deep.equal([false]);
  });

  it('reads names of fields as words', () => {
    expect(wordsOf('nextLevelRequirements.messages.current')).to.equal('next level requirements · messages · current');
  });

  it('draws amounts in the order of time, up to the time that is looked at', () => {
    const steps = [
      { occurredAt: '1970-01-01T00:00:20.000Z', after: '350.00' },
      { occurredAt: '1970-01-01T00:00:10.000Z', after: '1250.00' },
    ];
    expect(stepLine(steps, 30_000)).to.deep.equal([
      { at: 10, value: 1250 },
      { at: 20, value: 350 },
      { at: 30, value: 350 },
    ]);
  });

  it('draws no line of words', () => {
    expect(stepLine([{ occurredAt: '1970-01-01T00:00:10.000Z', after: 'GOLD' }], 0)).to.deep.equal([]);
  });

  it('offers the last seven days, each at its last millisecond', () => {
    const days = lastDays(Date.parse('2026-11-27T21:00:00Z'));
    expect(days).to.have.length(7);
    expect(days[0]).to.deep.equal({ label: 'Thu 26', at: '2026-11-26T23:59:59.999Z' });
    expect(days[2]).to.deep.equal({ label: 'Tue 24', at: '2026-11-24T23:59:59.999Z' });
  });
});

describe('Events, in the console', () => {
  it('reads what is typed as filters', () => {
    expect(typedFilters('MessageSent actor:SYSTEM from:2026-11-01T10:00:00Z 35681d04')).to.deep.equal({
      ...{ type: 'MessageSent', actor: 'SYSTEM', from: '2026-11-01T10:00:00Z', about: '35681d04' },
    });
  });

  it('takes from the address only what is a filter', () => {
    expect(filtersOf({ page: 'events', type: 'A', cursor: 'x', stream: '' })).to.deep.equal({ type: 'A' });
  });

  it('sends names of events and filters to the list, and names of people to the search', () => {
    expect(['PayoutDebited', 'type:PayoutDebited'].map(isForEvents)).to.deep.equal([true, true]);
    expect(
      ['alice123', 'Alice', 'a@b.example', '35681d04-9ced-53a8-9b2d-74738789e244'].map(isForEvents),
    ).to.not.include(true);
  });

  it('shows a finding on the page of its kind', () => {
    expect(placeOf({ kind: 'correlation', id: 'r' }).query).to.deep.equal({ page: 'cause', id: 'r' });
    expect(placeOf({ kind: 'payout', id: 'p' }).query).to.deep.equal({ page: 'events', about: 'p' });
  });
});

describe('Projection, in the console', () => {
  const generation = (name: string, role: Generation['role'], owner = 'host:1:x'): Generation => ({
    ...{ view: 'message', generation: name, role, owner, documents: 1, position: '1' },
  });
  const rebuild = (state: Rebuild['state']) => ({ generation: 'v1-2', state }) as Rebuild;

  it('offers the way back where the generation of before is fed', () => {
    const both = [generation('v2', 'served'), generation('v1', 'previous')];
    expect(wayBack(both, null)).to.deep.equal({ to: 'v1', whyNot: null });
  });

  it('says why there is no way back', () => {
    expect(wayBack([generation('v2', 'served')], null)).to.include({ to: null });
    expect(wayBack([generation('v1', 'previous', '')], null).whyNot).to.match(/Nobody feeds it/);
    expect(wayBack([generation('v1', 'previous')], rebuild('RUNNING')).whyNot).to.match(/cancel it first/);
  });

  it('offers the switch to a rebuild that is held, and to no other', () => {
    expect(wayOn(rebuild('HELD'))).to.deep.equal({ to: 'v1-2', whyNot: null });
    expect([rebuild('RUNNING'), rebuild('DONE'), null].map((one) => wayOn(one).whyNot)).to.not.include(null);
  });
});

describe('Settings, in the console', () => {
  const change = (id: string, type: string, data: object): LogEvent => ({
    ...{ id, type, stream: 'config-all', revision: '0', position: '1', readable: true, data },
    metadata: {
      ...{ $correlationId: 'c', occurredAt: '2026-11-27T10:00:00.000Z', reason: 'Incident 12', keys: {} },
      actor: { userId: 'admin', role: 'ADMIN' },
    },
  });

  it('shows each with its own changes: by whom, why, from what to what', () => {
    const config: ConfigItem = {
      ...{ key: 'dm.timeout_hours', value: 24, default: 72, description: 'hours', changedBy: 'admin', changedAt: null },
    };
    const [payout, hours] = settingsOf(
      [config],
      [{ name: 'PAYOUT', engaged: true, default: false, changedBy: 'admin', changedAt: null }],
      [
        change('2', 'KillSwitchEngaged', { name: 'PAYOUT', item: null }),
        change('1', 'ConfigValueSet', { key: 'dm.timeout_hours', value: 24, previous: 72 }),
      ],
    );
    const told = { at: '2026-11-27T10:00:00.000Z', by: 'admin', reason: 'Incident 12' };
    expect(payout).to.deep.include({ key: 'PAYOUT', value: 'engaged', default: 'released', isDefault: false });
    expect(payout?.changes).to.deep.equal([{ ...told, eventId: '2', before: 'released', after: 'engaged' }]);
    expect(hours).to.deep.include({ key: 'dm.timeout_hours', value: '24', default: '72', isDefault: false });
    expect(hours?.changes).to.deep.equal([{ ...told, eventId: '1', before: '72', after: '24' }]);
  });
});

describe('Integrity and People, in the console', () => {
  const round = { begunAt: 't', endedAt: 'u', checked: 9, faults: 0, broken: [] };
  const integrity = {
    size: 9,
    root: 'r',
    signedAt: 't',
    checked: 9,
    unchecked: 0,
    broken: [],
    rounds: [round],
    publicKeys: [],
  };

  it('says that nothing was tampered with only where neither the newest events nor a whole check found a fault', () => {
    expect(verdictOf(integrity).health).to.equal('good');
    expect(verdictOf({ ...integrity, rounds: [{ ...round, faults: 1 }] }).health).to.equal('bad');
    expect(verdictOf({ ...integrity, broken: [{ ordinal: 1, position: '1', message: 'changed' }] }).health).to.equal(
      'bad',
    );
    expect(verdictOf({ ...integrity, signedAt: null, rounds: [] }).health).to.equal('warn');
  });

  it('tells what an erasure would destroy by view, the fields of a list once', () => {
    const links = ['8d0f7a52-98e5-4b8f-9f0f-8f1d1f6a2b11', '7d0f7a52-98e5-4b8f-9f0f-8f1d1f6a2b11'];
    const masked = ['iban', ...links.map((id) => `bioPage.links.${id}.title`)];
    expect(
      lossesOf([
        { view: 'account', maskedFields: [] },
        { view: 'creatorProfile', maskedFields: masked },
      ]),
    ).to.deep.equal([{ view: 'creatorProfile', fields: ['iban', 'bio page · links · title'] }]);
  });
});

describe('To do, in the console', () => {
  const subject = '0f8fad5b-d9cb-469f-a165-70867728950e';

  it('says of everything that waits what it is about', () => {
    const about = (status: Parameters<typeof aboutOf>[0]['status'], amount: string | null, details = {}) =>
      aboutOf({ status, amount, details });
    expect(about('PENDING', '40.00', { method: 'BANK_TRANSFER' })).to.equal('40.00 by bank transfer');
    expect(about('PROCESSING', '40.00', { method: 'STRIPE_CONNECT' })).to.equal('40.00 by Stripe');
    expect(about('QUARANTINED', null, { rule: 'rude' })).to.equal('held back by rude');
    expect(about('QUARANTINED', null, { rule: null })).to.equal('held back, moderation gave no verdict');
    const result = { from: 'PROCESSED', result: 'failed' };
    expect(about('PAYOUT_RESULT', null, result)).to.equal('reported as failed, though it is PROCESSED');
    const mismatch = { expected: '10.00', status: 'COMPLETED' };
    expect(about('CHARGEBACK', '1.00', mismatch)).to.equal('1.00 charged back of 10.00, though it is COMPLETED');
    expect(about('OPEN', null, { kind: 'SUM', account: 'a wallet' })).to.equal('SUM on a wallet');
    expect(about('REQUESTED', null)).to.equal('the key stays until the payout has a result');
  });

  it('knows every status that the API may answer, and something to do about each but an erasure', () => {
    expect(Object.keys(DEEDS)).to.have.members(workStatus.options);
    const without = workStatus.options.filter((status) => DEEDS[status].length === 0);
    expect(without).to.deep.equal(['REQUESTED']);
  });

  it('leads to the person, to the event of a difference, else to the events about it', () => {
    expect(placeOfWork({ kind: 'erasure', subject, details: {} })).to.deep.equal({ page: 'people', id: subject });
    expect(placeOfWork({ kind: 'payout', subject, details: {} })).to.deep.equal({ page: 'events', about: subject });
    const eventId = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
    expect(placeOfWork({ kind: 'money', subject, details: { eventId } })).to.include({ event: eventId });
  });

  it('counts all kinds together', () => {
    expect(waitingIn({ payout: 2, quarantine: 1, money: 0 })).to.equal(3);
  });
});
