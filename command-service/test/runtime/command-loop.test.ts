/** The command loop on the embedded event store (domain 9.1, 9.7, 9.9), with a small aggregate of its own. */
import { sealedValue } from '@creator-dashboards/shared/testing/given';
import { isRefusal, orThrow, refuse, Refused } from '@creator-dashboards/shared/errors';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { type EventNamed, hashOf } from '@creator-dashboards/shared/events/index';
import { eventIdOf, newId } from '@creator-dashboards/shared/ids';
import type { EventStore, Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { HOUR, toInstant, type Instant } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { StreamCut } from '@creator-dashboards/shared/store-errors';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Decider } from '../../src/domain/decider.js';
import { createCommandHandler, type CommandHandler, type CommandResult } from '../../src/runtime/command-loop.js';
import { SNAPSHOT_EVERY, SNAPSHOT_MAX_BYTES } from '../../src/runtime/stream-states.js';
import { type CommandContext } from '../../src/runtime/command-context.js';

type Value = EventNamed<'ConfigValueSet'>['data']['value'];
type NoteEvent = EventNamed<'ConfigValueSet'>;

interface Note {
  /** Each value becomes one event. */
  readonly values: readonly Value[];
  readonly name?: string;
  readonly stream?: string;
}

interface Notebook {
  readonly count: number;
  readonly byName: Readonly<Record<string, Value>>;
}

/** Records values by name; refuses "no". */
const notebook: Decider<Notebook, Note, NoteEvent> = {
  category: 'config',
  snapshotVersion: 1,
  streamOf: ({ stream = 'config-notes' }) => stream,
  initial: { count: 0, byName: {} },
  evolve: ({ count, byName }, { data }) => ({ count: count + 1, byName: { ...byName, [data.key]: data.value } }),
  decide: ({ values, name = 'note' }, { count }) =>
    values.includes('no')
      ? refuse('common.not_found')
      : values.map((value, index) => ({
          type: 'ConfigValueSet' as const,
          data: { key: name, value, previous: count + index },
        })),
  keysOf: ({ count }, { name = 'note' }) => ({ configKey: `${name} of ${count}` }),
};
const STREAM = 'config-notes';
const noon: Instant = '2026-05-01T12:00:00.000Z';

function contextOf(given: Partial<CommandContext> = {}): CommandContext {
  const commandId = given.commandId ?? newId();
  return {
    commandId,
    since: null,
    correlationId: newId(),
    causationId: commandId,
    actor: { userId: newId(), role: 'USER' },
    reason: null,
    at: noon,
    ...given,
  };
}

let folder: string;
let store: EventStore;
let commands: CommandHandler;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'handle-'));
  store = openEventStore(join(folder, 'events.db'));
  commands = createCommandHandler(store);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A handler with nothing in memory, as after a restart. */
const restarted = (log: EventStore = store) => createCommandHandler(log);

async function note(
  command: Note | Value,
  context = contextOf(),
  handler = commands,
): Promise<CommandResult<Notebook, NoteEvent>> {
  const given =
    typeof command === 'object' && command !== null && 'values' in command
      ? (command as Note)
      : { values: [command as Value] };
  const outcome = await handler.handle(notebook, given, context);
  if (isRefusal(outcome)) throw new Refused(outcome.refused);
  return outcome;
}
const keyOf = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (error: unknown) => (error instanceof Refused ? error.key : Promise.reject(error as Error)),
  );

const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (error: unknown) => (error as Error).message,
  );

/** `count` events, `each` per command. */
async function fill(count: number, each = 50, handler = commands): Promise<void> {
  for (let done = 0; done < count; done += each)
    await note(
      { values: Array.from({ length: Math.min(each, count - done) }, (_, i) => done + i) },
      undefined,
      handler,
    );
}

/** The state by a plain loop over the whole stream. */
async function fullFold(): Promise<Notebook> {
  const events = await store.readStream(STREAM);
  return events.reduce((state, event) => notebook.evolve(state, event as unknown as NoteEvent), notebook.initial);
}
const snapshotsIn = (events: readonly RecordedEvent[]) =>
  events.filter(({ metadata }) => metadata.snapshot).map(({ revision }) => revision);

/** Counts the events that are read. */
function counting(): { log: EventStore; read: () => number } {
  let read = 0;
  const readStream: EventStore['readStream'] = async (...options) => {
    const events = await store.readStream(...options);
    read += events.length;
    return events;
  };
  return { log: { ...store, readStream }, read: () => read };
}

describe('The command loop: an event', () => {
  it('has complete metadata, even the first of its stream (9.1)', async () => {
    const reason = sealedValue(newId(), 'c');
    const context = contextOf({ causationId: newId(), reason });
    const { events, position, state, replayed } = await note({ values: [1, 2], name: 'n' }, context);
    const [first, second] = await store.readStream(STREAM);
    expect(first?.metadata).to.deep.equal({
      $correlationId: context.correlationId,
      $causationId: context.causationId,
      commandId: context.commandId,
      actor: context.actor,
      reason,
      occurredAt: noon,
      schemaVersion: 1,
      prevHash: null,
      keys: { configKey: 'n of 2' },
    });
    expect([first?.id, second?.id]).to.deep.equal([0, 1].map((index) => eventIdOf(context.commandId, STREAM, index)));
    expect(events.map(({ id, revision }) => [id, revision])).to.deep.equal([
      [first?.id, 0n],
      [second?.id, 1n],
    ]);
    expect([position, state.count, replayed]).to.deep.equal([second?.position, 2, false]);
  });

  it('has the hash of the event before it, across commands, restarts and snapshots', async () => {
    await fill(Number(SNAPSHOT_EVERY));
    await note(1, undefined, restarted()); // The last known event is the snapshot's.
    await note({ values: [2, 3] }, undefined, restarted());
    await note(4);
    const events = await store.readStream(STREAM);
    expect(events).to.have.length(Number(SNAPSHOT_EVERY) + 4);
    events.forEach((event, index) => {
      const before = events[index - 1];
      expect(event.metadata.prevHash, `${index}`).to.equal(before ? hashOf(before) : null);
    });
  });
});

describe('The command loop: a command', () => {
  it('that is refused writes nothing', async () => {
    expect(await keyOf(note('no'))).to.equal('common.not_found');
    expect(await store.head()).to.equal(0n);
  });

  it('that changes nothing answers the position of its stream', async () => {
    const { position } = await note(1);
    await note({ values: [1], stream: 'config-other' });
    expect(await note({ values: [] })).to.deep.include({ events: [], position, replayed: false });
  });

  it('that is built from the state sees the state just read', async () => {
    await note(1);
    const seen: number[] = [];
    const ten = ({ count }: { count: number }) => {
      seen.push(count);
      return { values: [count * 10] };
    };
    const outcome = await commands.handleBy(notebook, STREAM, ten, contextOf());
    expect(seen).to.deep.equal([1]);
    expect(isRefusal(outcome) || outcome.events[0]?.data.value).to.equal(10);
  });

  it('that is built from the state can be refused first', async () => {
    const busy = () => refuse('common.busy');
    expect(await commands.handleBy(notebook, STREAM, busy, contextOf())).to.deep.equal(refuse('common.busy'));
    expect(await store.head()).to.equal(0n);
  });

  it('that is built from the state is not built again when it has run already', async () => {
    const context = contextOf();
    let made = 0;
    const once = () => ({ values: [(made += 1)] });
    const { events } = orThrow(await commands.handleBy(notebook, STREAM, once, context));
    expect(await commands.handleBy(notebook, STREAM, once, context)).to.deep.include({ events, replayed: true });
    expect(made).to.equal(1);
  });

  it('waits for earlier ones on the same stream, and all decide on what the last one wrote', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, value) => note(value)));
    const previous = (await store.readStream(STREAM)).map(({ data }) => data.previous);
    expect(previous).to.deep.equal(Array.from({ length: 20 }, (_, index) => index));
  });

  it('runs after a failed one', async () => {
    const failing = commands.handleBy(notebook, STREAM, () => Promise.reject(new Error('seal')), contextOf());
    const next = note(2);
    expect(await messageOf(failing)).to.equal('seal');
    expect((await next).state.count).to.equal(1);
  });
});

describe('The command loop: a conflict', () => {
  /** Someone else appends just before each of the first `times` appends. */
  function contested(times: number): { log: EventStore; attempts: () => number } {
    let attempts = 0;
    const append: EventStore['append'] = async (...batch) => {
      attempts += 1;
      if (attempts <= times) await note(`rival ${attempts}`, undefined, restarted());
      return store.append(...batch);
    };
    return { log: { ...store, append }, attempts: () => attempts };
  }

  it('is lost twice and won the third time, each time on the new state', async () => {
    const { log, attempts } = contested(2);
    const { state, events } = await note('mine', undefined, createCommandHandler(log));
    expect([attempts(), state.count, events[0]?.data.previous]).to.deep.equal([3, 3, 2]);
  });

  it('lost three times answers 503 common.busy with Retry-After (9.9)', async () => {
    const { log, attempts } = contested(9);
    const error = await note('mine', undefined, createCommandHandler(log)).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(Refused);
    expect(error).to.deep.include({ key: 'common.busy', retryAfter: 1 });
    expect(attempts()).to.equal(3);
    expect((await fullFold()).count).to.equal(3);
  });

  /** Another process runs the same command just before the append, in its own request. */
  function overtaken(context: CommandContext): CommandHandler {
    const append: EventStore['append'] = async (...batch) => {
      await note('once', { ...context, correlationId: newId() }, restarted());
      return store.append(...batch);
    };
    return createCommandHandler({ ...store, append });
  }

  it('with the same command run elsewhere answers, and remembers, what that run wrote (9.7)', async () => {
    const context = contextOf();
    const { replayed, state, events } = await note('once', context, overtaken(context));
    const stored = await store.readStream(STREAM);
    expect([replayed, state.count, stored.length]).to.deep.equal([true, 1, 1]);
    expect(events[0]?.metadata).to.deep.equal(stored[0]?.metadata);
  });

  it('with the same command run elsewhere keeps the chain of hashes intact (9.1)', async () => {
    const context = contextOf();
    const handler = overtaken(context);
    await note('once', context, handler);
    await note('next', undefined, handler);
    const [first, second] = await store.readStream(STREAM);
    expect(second?.metadata.prevHash).to.equal(first && hashOf(first));
  });

  it('with an unknown outcome is resolved by the retry', async () => {
    const context = contextOf();
    let lost = false;
    const unsure: EventStore = {
      ...store,
      append: async (...batch) => {
        const result = await store.append(...batch);
        if (lost) return result;
        lost = true;
        throw new Error('timeout');
      },
    };
    const handler = createCommandHandler(unsure);
    expect(await messageOf(note('once', context, handler))).to.equal('timeout');
    expect((await note('once', context, handler)).replayed).to.equal(true);
    expect(await store.readStream(STREAM)).to.have.length(1);
  });
});

describe('The command loop: a command that has run already (9.7)', () => {
  it('answers its first events after the stream has moved on, from memory and after a restart', async () => {
    const context = contextOf();
    const first = await note({ values: [1, 2] }, context);
    await note(3);
    for (const handler of [commands, restarted()]) {
      const again = await note({ values: [1, 2] }, context, handler);
      expect(again.events.map(({ id, data }) => [id, data])).to.deep.equal(
        first.events.map(({ id, data }) => [id, data]),
      );
      expect([again.position, again.replayed, again.state.count]).to.deep.equal([first.position, true, 3]);
    }
  });

  it('is decided again when it was refused: refusals are not kept', async () => {
    const context = contextOf();
    expect(await keyOf(note('no', context))).to.equal('common.not_found');
    expect((await note('yes', context)).replayed).to.equal(false);
  });

  it('starts from its first outcome, or from the state alone when it changed nothing', async () => {
    const context = contextOf();
    const begun = (handler = commands, stream = STREAM) => handler.begin(notebook, stream, context);
    expect(await begun()).to.deep.equal({ state: notebook.initial, exists: false, position: 0n, earlier: null });
    const { events, position } = await note(1, context);
    expect(await begun(restarted())).to.deep.include({ exists: true, position });
    expect((await begun(restarted())).earlier).to.deep.include({ events, replayed: true });
    expect((await begun(commands, 'config-other')).earlier).to.equal(null);
  });

  it('starts with one read of its stream', async () => {
    let reads = 0;
    const readStream: EventStore['readStream'] = (...range) => {
      reads += 1;
      return store.readStream(...range);
    };
    await createCommandHandler({ ...store, readStream }).begin(notebook, STREAM, contextOf());
    expect(reads).to.equal(1);
  });

  describe('once 200 other commands followed', () => {
    /** One command, then so many others; whether a run of the first, which knows how the log stood before it, finds it. */
    async function foundAfter(count: number, since: Position | null): Promise<boolean[]> {
      const old = contextOf();
      await note('old', old);
      for (let i = 0; i < count; i += 1) await note(i);
      const known = async (handler: CommandHandler) =>
        (await handler.begin(notebook, STREAM, { ...old, since })).earlier !== null;
      return [await known(commands), await known(restarted())];
    }
    it('is still remembered after 199', async () => expect(await foundAfter(199, null)).to.deep.equal([true, true]));
    it('is forgotten by the stream after 200', async () =>
      expect(await foundAfter(200, null)).to.deep.equal([false, false]));
    it('is searched for, page by page, by a run that may be its second', async () =>
      expect(await foundAfter(450, 0n)).to.deep.equal([true, true]));
    it('is searched for no further back than the log stood before it', async () => {
      const head = async () => (await note('something earlier')).position;
      expect(await foundAfter(250, await head())).to.deep.equal([true, true]);
      const { log, read } = counting();
      const since = await head();
      await note('newer');
      const { earlier } = await restarted(log).begin(notebook, STREAM, contextOf({ since }));
      expect([earlier, read() <= 2 * Number(SNAPSHOT_EVERY)]).to.deep.equal([null, true]);
    });
  });

  it('is forgotten when its decider says that its commands are never retried', async () => {
    const forgetful: typeof notebook = { ...notebook, remembersCommands: false };
    const context = contextOf();
    for (const handler of [commands, restarted()]) await handler.handle(forgetful, { values: [1] }, context);
    expect((await commands.begin(forgetful, STREAM, context)).earlier).to.equal(null);
  });
});

describe('The command loop: snapshots (9.9)', () => {
  const EVERY = Number(SNAPSHOT_EVERY);

  it('are taken at every 200th event, even in the middle of a batch', async () => {
    await fill(450, 70);
    const events = await store.readStream(STREAM);
    expect(snapshotsIn(events)).to.deep.equal([199n, 399n]);
  });

  it('give the same state as a full fold, at every stream length around them', async () => {
    await fill(EVERY - 2, 99);
    for (let more = 0; more < 5; more += 1) {
      await note(`more ${more}`);
      const { state } = await restarted().load(notebook, STREAM);
      expect(state).to.deep.equal(await fullFold());
    }
  });

  it('keep names of Object.prototype', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    for (const name of names) await note({ values: [`value of ${name}`], name });
    await fill(EVERY);
    const { state } = await restarted().load(notebook, STREAM);
    for (const name of names) {
      expect(Object.hasOwn(state.byName, name), name).to.equal(true);
      expect(Object.getOwnPropertyDescriptor(state.byName, name)?.value).to.equal(`value of ${name}`);
    }
    expect(Object.getPrototypeOf(state.byName)).to.equal(Object.prototype);
  });

  it('bound what a cold load reads', async () => {
    await fill(3 * EVERY + 10);
    const { log, read } = counting();
    await restarted(log).load(notebook, STREAM);
    expect(read()).to.equal(EVERY); // One page.
  });

  it('remember the commands before them', async () => {
    const context = contextOf();
    const { events } = await note('early', context);
    await fill(2 * EVERY);
    expect((await note('early', context, restarted())).events).to.deep.equal(events);
  });

  it('of another version are ignored', async () => {
    await fill(EVERY + 5);
    const changed: typeof notebook = {
      ...notebook,
      snapshotVersion: 2,
      evolve: (state, event) => ({ ...notebook.evolve(state, event), count: state.count + 2 }),
    };
    expect((await restarted().load(changed, STREAM)).state.count).to.equal(2 * (EVERY + 5));
  });

  it('are not part of the hash chain, so a log can be written without them', async () => {
    await fill(EVERY);
    const [last] = await store.readStream(STREAM, { direction: 'backwards', limit: 1 });
    if (!last?.metadata.snapshot) return expect.fail('no snapshot');
    const { snapshot: _, ...metadata } = last.metadata;
    expect(hashOf({ ...last, metadata })).to.equal(hashOf(last));
  });

  it('over 400 KiB are not written, and the stream is still read correctly', async () => {
    const large = 'x'.repeat(3_000);
    for (let i = 0; i < EVERY; i += 1) await note({ values: [large], name: `n${i}` });
    await fill(3);
    expect(snapshotsIn(await store.readStream(STREAM))).to.deep.equal([]);
    expect((await restarted().load(notebook, STREAM)).state).to.deep.equal(await fullFold());
  });

  it("up to 400 KiB are written, and an append with one stays below the store's limit", async () => {
    await fill(EVERY - 1, 199);
    await note({ values: ['x'.repeat(SNAPSHOT_MAX_BYTES - 20_000)] });
    expect(snapshotsIn(await store.readStream(STREAM))).to.deep.equal([199n]);
  });
});

describe('The command loop: a long stream', () => {
  const EVENTS = 5_000;
  beforeEach(() => fill(EVENTS, 200));

  it('is loaded cold by reading one page, since a snapshot is never further back than 200 events', async () => {
    const { log, read } = counting();
    const { state } = await restarted(log).load(notebook, STREAM);
    expect([state.count, read()]).to.deep.equal([EVENTS, Number(SNAPSHOT_EVERY)]);
  });

  it('gives way to other work at least every 100 events where no snapshot can be used', async () => {
    const newer: typeof notebook = { ...notebook, snapshotVersion: notebook.snapshotVersion + 1 };
    let turns = 0;
    let over = false;
    const others = (async () => {
      for (; !over; turns += 1) await nextTurn();
    })();
    expect((await restarted().load(newer, STREAM)).state.count).to.equal(EVENTS);
    over = true;
    await others;
    expect(turns).to.be.at.least(EVENTS / 100);
  });
});

describe('The command loop: a stream whose start was cut off (G65)', () => {
  /** The log as it is read once an operator has hidden what stands before this revision. */
  const cutBefore = (revision: bigint): EventStore => ({
    ...store,
    async readStream(stream, options = {}) {
      const { from, direction } = options;
      const least = direction !== 'backwards' && (from ?? 0n) < revision ? { ...options, from: revision } : options;
      return (await store.readStream(stream, least)).filter((event) => event.revision >= revision);
    },
  });
  const cut = async (handler: CommandHandler) => {
    const before = await store.head();
    const error: unknown = await note('more', undefined, handler).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(StreamCut);
    expect((error as StreamCut).message).to.include(STREAM);
    expect(await store.head()).to.equal(before);
  };

  it('is refused, and nothing is appended', async () => {
    await fill(10);
    await cut(restarted(cutBefore(9n)));
    await cut(restarted(cutBefore(1n)));
    await note('whole', undefined, restarted(cutBefore(0n)));
  });

  it('is refused also to a process that knew it whole', async () => {
    const heard: string[] = [];
    let log = store;
    const changing: EventStore = { ...store, readStream: (...range) => log.readStream(...range) };
    const handler = createCommandHandler(changing, ({ message }) => heard.push(message));
    await note('first', undefined, handler);
    await note('elsewhere');
    log = cutBefore(1n);
    await cut(handler);
    expect(heard).to.have.length(1);
  });

  it('is read where a snapshot covers what is missing', async () => {
    await fill(450, 50);
    const whole = await fullFold();
    expect((await restarted(cutBefore(399n)).load(notebook, STREAM)).state).to.deep.equal(whole);
    await cut(restarted(cutBefore(400n)));
  });

  it('is told from a new one by its append, where all its events were deleted', async () => {
    await fill(5);
    const deleted: EventStore = {
      ...store,
      readStream: () => Promise.resolve([]),
      append: (stream, _expected, events) => store.append(stream, 4n, events), // numbering goes on after a soft delete
    };
    const error: unknown = await note('new?', undefined, createCommandHandler(deleted)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(StreamCut);
  });
});

describe('The command loop: the state in memory', () => {
  it('is brought up to date by reading newer events only', async () => {
    await fill(150);
    const { log, read } = counting();
    const handler = createCommandHandler(log);
    await handler.load(notebook, STREAM);
    const before = read();
    await note('elsewhere', undefined, restarted());
    expect((await handler.load(notebook, STREAM)).state.count).to.equal(151);
    expect(read() - before).to.equal(2); // The last known event and the new one.
  });

  it('is brought up to date however many pages it is behind', async () => {
    await note('first');
    await fill(450, 50, restarted());
    const { state, position } = await commands.load(notebook, STREAM);
    expect(state).to.deep.equal(await fullFold());
    expect(state.count).to.equal(451);
    expect(position).to.equal((await store.readStream(STREAM)).at(-1)?.position);
  });

  it('is decided on without a read where the decision is events, which the append then confirms', async () => {
    await fill(5);
    const { log, read } = counting();
    const handler = createCommandHandler(log);
    await handler.load(notebook, STREAM);
    const before = read();
    expect((await note('here', undefined, handler)).state.count).to.equal(6);
    expect(read() - before).to.equal(0);
  });

  it('is no reason to fail: what cannot be decided on it is decided on the stream as it is', async () => {
    await note(1);
    const seen: number[] = [];
    await note('elsewhere', undefined, restarted());
    const onlyIfThere = ({ count }: Notebook) => {
      seen.push(count);
      if (count < 2) throw new Refused('common.not_found');
      return { values: ['there'] };
    };
    orThrow(await commands.handleBy(notebook, STREAM, onlyIfThere, contextOf()));
    expect(seen).to.deep.equal([1, 2]);
  });

  it('may lose its append before the three that follow a read', async () => {
    await note(1);
    let appends = 0;
    const append: EventStore['append'] = async (...batch) => {
      appends += 1;
      if (appends <= 3) await note(`rival ${appends}`, undefined, restarted());
      return store.append(...batch);
    };
    const handler = createCommandHandler({ ...store, append });
    await handler.load(notebook, STREAM);
    expect((await note('mine', undefined, handler)).events[0]?.data.previous).to.equal(4);
    expect(appends).to.equal(4);
  });

  it('is dropped when the log is a different one', async () => {
    await fill(5);
    const otherFile = openEventStore(join(folder, 'other.db'));
    const others = { values: ['a', 'b', 'c', 'd', 'e', 'f'], name: 'other' };
    await note(others, undefined, createCommandHandler(otherFile));
    let current = store;
    const switching: EventStore = { ...store, readStream: (...options) => current.readStream(...options) };
    const handler = createCommandHandler(switching);
    expect((await handler.load(notebook, STREAM)).state.count).to.equal(5);
    current = otherFile;
    expect((await handler.load(notebook, STREAM)).state).to.deep.equal({ count: 6, byName: { other: 'f' } });
    await otherFile.close();
  });

  it('says whether a stream exists and where it ends', async () => {
    expect(await commands.load(notebook, STREAM)).to.deep.equal({
      state: notebook.initial,
      exists: false,
      position: 0n,
    });
    const { position } = await note(1, contextOf({ at: toInstant(Date.parse(noon) + HOUR) }));
    expect(await commands.load(notebook, STREAM)).to.deep.include({ exists: true, position });
  });
});
