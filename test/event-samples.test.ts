/** Whatever was ever stored is read, and means what it meant: the samples of event-samples/events, and their pinned meanings. */
import { event, type EventDefinition } from '@creator-dashboards/shared/events/define';
import { categoryOf, decode, definitions } from '@creator-dashboards/shared/events/index';
import { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { changedMeanings, meaningsFor, pin, pinnedFor, remedy } from './event-samples/meanings.js';
import { readers, viewReader, type Reader } from './event-samples/readers.js';
import { addSample, nameOf, readSamples, samplesIn, type SampleFile } from './event-samples/samples.js';

const folderOf = (name: string) => fileURLToPath(new URL(`./event-samples/${name}`, import.meta.url));
const [events, meanings] = [folderOf('events'), folderOf('meanings')];
const files = readSamples(events);
const samples = samplesIn(files);
const known = definitions as Record<string, EventDefinition>;

/** Versions of known types without samples, from the first one on; and files of types and versions that are not known. */
function gaps(): { missing: string[]; unknown: string[] } {
  const there = new Set(files.map(nameOf));
  const wanted = Object.entries(known).flatMap(([type, { version }]) =>
    Array.from({ length: version }, (_, index) => nameOf({ type, version: index + 1 })),
  );
  return {
    missing: wanted.filter((name) => !there.has(name)),
    unknown: [...there].filter((name) => !wanted.includes(name)),
  };
}

/** Why samples cannot be read in their present form. */
function unreadable(): string[] {
  return samples.flatMap(({ name, event: stored }) => {
    try {
      const { data } = decode(stored);
      const isNow = stored.metadata.schemaVersion === known[stored.type]?.version;
      if (isNow) expect(data).to.deep.equal(stored.data);
      return [];
    } catch (error) {
      return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

/** Runs the work while a type is defined otherwise. */
function whileDefined<T>(type: string, definition: EventDefinition | undefined, work: () => T): T {
  const before = known[type];
  if (definition) known[type] = definition;
  else delete known[type];
  try {
    return work();
  } finally {
    if (before) known[type] = before;
    else delete known[type];
  }
}

describe('Samples of stored events', () => {
  it('are there of every event type in every version', () => {
    expect(gaps(), 'npm run event-sample adds what is missing (docs/adding-an-event.md)').to.deep.equal({
      missing: [],
      unknown: [],
    });
  });
  it('are read in their present form, those of the present version as they are', () => {
    expect(unreadable()).to.deep.equal([]);
  });
  it('are in files that say the type and version they are named after', () => {
    expect(readdirSync(events).sort()).to.deep.equal(files.map((file) => `${nameOf(file)}.json`).sort());
  });

  for (const reader of readers) {
    it(`mean to ${reader.name} what they always meant`, () => {
      const pinned = pinnedFor(meanings, reader);
      const now = meaningsFor(reader, samples);
      const changed = changedMeanings(pinned, now);
      if (pinned?.version === reader.version && changed.length > 0) {
        expect(changed.map((name) => now.of[name])).to.deep.equal(
          changed.map((name) => pinned.of[name]),
          remedy(reader, changed),
        );
      }
      expect(now, 'npm run event-sample pins what is new').to.deep.equal(pinned);
    });
    it(`can all be applied by ${reader.name}`, () => {
      const failing = Object.entries(meaningsFor(reader, samples).of).filter(([, meaning]) => 'fails' in meaning);
      expect(failing).to.deep.equal([]);
    });
  }
  it('mean something to a view, a look-up or a decider, but for records of who did what and of what was signed', () => {
    const meant = new Set(readers.flatMap((reader) => Object.keys(meaningsFor(reader, samples).of)));
    const without = samples.filter(({ name }) => !meant.has(name));
    const records = samples.filter(({ event: { stream } }) =>
      ['access', 'integrityHeads'].includes(categoryOf(stream)),
    );
    expect(records).to.not.have.length(0);
    expect(without.map(({ name }) => name)).to.deep.equal(records.map(({ name }) => name));
  });
  it('have meanings pinned for nothing else', () => {
    expect(readdirSync(meanings).sort()).to.deep.equal(readers.map(({ name }) => `${name}.json`).sort());
  });
  it('are of every event that a view or look-up handles, in a stream that it reads', () => {
    for (const reader of readers) {
      const seen = new Set(
        samples.filter(({ event: one }) => reader.keyOf(one) !== undefined).map(({ event: one }) => one.type),
      );
      expect(
        reader.handles.filter((type) => !seen.has(type)),
        reader.name,
      ).to.deep.equal([]);
    }
  });
});

const WalletFrozen = known.WalletFrozen as EventDefinition;

describe('A change of an event that logs are full of', () => {
  const reasoned = { reason: z.string() };

  it('is noticed where the type is gone', () => {
    whileDefined('WalletFrozen', undefined, () => {
      expect(gaps().unknown).to.deep.equal(['WalletFrozen.v1']);
      expect(unreadable()).to.have.length(2);
    });
  });
  it('is noticed where the shape is another and no upcaster leads to it', () => {
    whileDefined('WalletFrozen', event(reasoned), () => expect(unreadable()).to.have.length(2));
  });
  it('is noticed where an upcaster leads to no valid event', () => {
    const wrong = event(reasoned, [(old) => ({ ...old, reason: 1 })]);
    whileDefined('WalletFrozen', wrong, () => expect(unreadable()).to.have.length(2));
  });
  it('is noticed where a new version has no sample, and passes with an upcaster and a sample', () => {
    const right = event(reasoned, [(old) => ({ ...old, reason: 'none' })]);
    whileDefined('WalletFrozen', right, () => {
      expect(gaps().missing).to.deep.equal(['WalletFrozen.v2']);
      expect(unreadable()).to.deep.equal([]);
    });
  });
  it('is noticed where a schema fills in what is not stored', () => {
    const filling = { ...WalletFrozen, schema: z.object({ reason: z.string().default('none') }) } as EventDefinition;
    whileDefined('WalletFrozen', filling, () => expect(unreadable()).to.have.length(2));
  });
  it('is noticed where a handler takes another field of it', () => {
    const { message } = views;
    const MessageReplied: typeof message.handlers.MessageReplied = (sent, { metadata }) => ({
      ...sent,
      status: 'REPLIED',
      repliedAt: metadata.occurredAt,
    });
    const reader = viewReader({ ...message, handlers: { ...message.handlers, MessageReplied } });
    const changed = changedMeanings(pinnedFor(meanings, reader), meaningsFor(reader, samples));
    expect(changed)
      .to.include.members(['MessageReplied.v1 1', 'MessageReplied.v1 2'])
      .and.not.to.include('MessageSent.v1 1');
  });
});

describe('npm run event-sample', () => {
  let folder: string;
  const inFolder = (name: string) => join(folder, name);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'event-samples-'));
    cpSync(events, inFolder('events'), { recursive: true });
    cpSync(meanings, inFolder('meanings'), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const reader = readers.find(({ name }) => name === 'decider.fanWallet') as Reader;
  const pinHere = (one: Reader) => pin(inFolder('meanings'), one, samplesIn(readSamples(inFolder('events'))));

  it('changes nothing where nothing is new', async () => {
    const script = fileURLToPath(new URL('./event-sample.ts', import.meta.url));
    const register = fileURLToPath(new URL('./register.mjs', import.meta.url));
    const contents = (from: string) => readdirSync(from).map((name) => readFileSync(join(from, name), 'utf8'));
    const node = ['--conditions=source', '--import', register, script, '--folder', folder];
    const { stdout } = await promisify(execFile)(process.execPath, node);
    expect(stdout).to.equal('pinned what all samples mean\n');
    expect(contents(inFolder('meanings'))).to.deep.equal(contents(meanings));
  });

  it('adds a sample of a new version where those of the old one are, and one of a new type where it is told', async () => {
    const upcasters = [(old: object) => ({ ...old, reason: 'none' })];
    const next = event({ reason: z.enum(['FRAUD', 'REQUEST']), amount: z.string().nullable() }, upcasters);
    known.WalletFrozen = next;
    known.WalletThawed = event({});
    try {
      await addSample(inFolder('events'), 'WalletFrozen');
      const setting = { after: ['WalletFrozen.v2 1'], places: [{ stream: 'fanWallet-1', keys: { userId: '1' } }] };
      await addSample(inFolder('events'), 'WalletThawed', setting);
    } finally {
      known.WalletFrozen = WalletFrozen;
      delete known.WalletThawed;
    }
    const added = readSamples(inFolder('events')).filter((file) => !files.some((one) => nameOf(one) === nameOf(file)));
    const [frozen, thawed] = added as [SampleFile, SampleFile];
    expect(
      frozen.samples.map(({ stream, data }) => [stream.split('-')[0], data.reason, data.amount === null]),
    ).to.deep.equal([
      ['fanWallet', 'FRAUD', false],
      ['fanWallet', 'REQUEST', true],
      ['creatorWallet', 'FRAUD', false],
      ['creatorWallet', 'REQUEST', true],
    ]);
    expect(thawed).to.deep.equal({
      ...{ type: 'WalletThawed', version: 1, after: ['WalletFrozen.v2 1'] },
      samples: [{ stream: 'fanWallet-1', keys: { userId: '1' }, data: {} }],
    });
  });

  it('never makes again what is there, and asks where a new event belongs', async () => {
    const refused = (type: string) =>
      addSample(inFolder('events'), type).then(String, (error: unknown) => (error as Error).message);
    expect(await refused('WalletFrozen')).to.match(/WalletFrozen\.v1\.json is there already, and is never made again/);
    expect(await refused('WalletMelted')).to.equal('there is no event WalletMelted');
    rmSync(inFolder('events/WalletFrozen.v1.json'));
    expect(await refused('WalletFrozen')).to.include('say in which streams WalletFrozen is');
  });

  it('pins a changed meaning with another version only', async () => {
    const other: Reader = { ...reader, after: (before, one) => ({ ...reader.after(before, one), balance: 7 }) };
    const refused = await pinHere(other).catch((error: unknown) => error);
    expect(refused)
      .to.have.property('message')
      .that.includes('To decider.fanWallet, ')
      .and.includes('raise the version');
    const raised = { ...other, version: other.version + 1 };
    await pinHere(raised);
    const pinned = pinnedFor(inFolder('meanings'), raised);
    expect(pinned).to.have.property('version', raised.version);
    expect(changedMeanings(pinned, meaningsFor(raised, samples))).to.deep.equal([]);
  });
});
