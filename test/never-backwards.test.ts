/**
 * Several processes on one read store, each with its own bus of changes and memory, at random: they write, die in the middle of it and
 * take over, and serve readers who go from one to another. What a reader was shown is never followed by less, as far as it is promised:
 * in one process to everybody, across processes to who sends Read-After, or If-None-Match of the same generation.
 */
import { createBus } from '@creator-dashboards/query-service/changes/bus';
import { readEtag } from '@creator-dashboards/query-service/reads/etag';
import { createViewReader } from '@creator-dashboards/query-service/reads/read';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { createChanges, telling } from '@creator-dashboards/shared/changes/changes';
import { createFeed } from '@creator-dashboards/shared/feed';
import type { Consumer } from '@creator-dashboards/shared/feed/consumer';
import { CHECKPOINTS } from '@creator-dashboards/shared/feed/lease';
import type { Position, ReadStore } from '@creator-dashboards/shared/ports';
import { newEvent } from '@creator-dashboards/shared/testing/events';
import { logOf, type GrowingLog } from '@creator-dashboards/shared/testing/log';
import { createManualTime, type ManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { ALIASES, collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import { CONFIG_KEY } from '@creator-dashboards/shared/views/config/document';
import { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pick, seeded, type Random } from './support/random.js';

const VIEW = 'creatorDashboard';
const KEYS = ['anna', 'ben', 'carla'];
const GENERATIONS = ['v1', 'v1-2'];
const PROCESSES = 3;
const STEPS = 250;

/** A document that counts its events. Of the stream `config` for the config's, else of the stream named as its key. */
function counting(view: 'creatorDashboard' | 'config', generation: string): Consumer {
  return {
    name: feedNameOf(view, generation),
    collection: collectionOf(view, generation),
    indexes: [],
    takes: ({ stream }) => (stream === CONFIG_KEY) === (view === 'config'),
    keyOf: ({ stream }) => stream,
    apply(_id, document, { position, id }) {
      const count = (document as { readonly count?: number } | null)?.count ?? 0;
      return { _id, position, lastEvent: id.slice(0, 8), count: count + 1 } as never;
    },
  };
}

function openProcess(name: string, file: string, events: GrowingLog, time: ManualTime, dead: ReadonlySet<string>) {
  const changes = createChanges();
  const store = openReadStore(file, time);
  let diesAt: string | null = null;
  /** Dies before or after its next write to a collection, if it is to. */
  const dying: ReadStore = {
    ...store,
    async write(collection, writes) {
      if (diesAt === `before ${collection}`) throw new Error('died');
      const held = await store.write(collection, writes);
      if (diesAt === `after ${collection}`) throw new Error('died');
      return held;
    },
  };
  const reads = telling(dying, changes);
  let starts = 0;
  const feeds = new Map<string, ReturnType<typeof createFeed>>();
  const isDead = (owner: string) => dead.has(owner);
  const owner = () => `${name} ${starts}`;
  function start() {
    starts += 1;
    for (const consumer of [counting('config', 'v1'), ...GENERATIONS.map((one) => counting(VIEW, one))]) {
      const also = { clock: time, owner: owner(), isDead, announces: true, batch: 3 };
      feeds.set(consumer.name, createFeed({ consumer, events, reads, ...also }));
    }
  }
  start();
  const sealer = { open: async () => null, isErased: async () => false, forget: () => undefined };
  const bus = createBus({ reads, changes, clock: time, views });
  return {
    reads,
    store,
    reader: createViewReader({ reads, events, sealer, clock: time, views, bus }),
    /** One batch of one feed, for whoever has the lease or may take it. Returns the owner that died meanwhile. */
    async step(feed: string, death: string | null): Promise<string | null> {
      diesAt = death;
      const died = await feeds
        .get(feed)
        ?.step()
        .then(
          () => false,
          () => true,
        );
      diesAt = null;
      if (!died) return null;
      const was = owner();
      start();
      return was;
    },
    release: (feed: string) => feeds.get(feed)?.release(),
  };
}

interface Answer {
  readonly position: Position;
  readonly etag: NonNullable<ReturnType<typeof readEtag>>;
  readonly text: string;
  readonly stale: boolean;
}

describe('Reads of several processes', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'never-backwards-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  async function play(random: Random): Promise<{ readonly reads: number; readonly passedOver: number }> {
    const time = createManualTime();
    const events = logOf();
    const dead = new Set<string>();
    const file = join(folder, `${Math.floor(random() * 1e9)}.db`);
    const processes = Array.from({ length: PROCESSES }, (_, n) => openProcess(`p${n}`, file, events, time, dead));
    const [first] = processes;
    if (!first) throw new Error('no process');
    const feeds = [feedNameOf('config', 'v1'), ...GENERATIONS.map((one) => feedNameOf(VIEW, one))];
    let served = 0;
    for (const view of ['config', VIEW])
      await first.reads.write(ALIASES, [
        { document: { _id: view, position: 0n, generation: 'v1' } as never, expected: null },
      ]);
    for (const feed of feeds) await first.step(feed, null);

    function append(): void {
      const stream = pick(random, [...KEYS, ...KEYS, CONFIG_KEY]) ?? '';
      const revision = BigInt(events.all.filter((event) => event.stream === stream).length);
      const position = (events.all.at(-1)?.position ?? 0n) + 1n;
      events.add([{ ...newEvent(), stream, revision, position }]);
    }
    /** Serves the other generation, which is as far as anybody has seen the one of before. */
    async function serveTheOther(): Promise<void> {
      const [now, other] = [GENERATIONS[served] ?? '', GENERATIONS[1 - served] ?? ''];
      const at = async (one: string) => (await first?.store.get(CHECKPOINTS, feedNameOf(VIEW, one)))?.position ?? 0n;
      if ((await at(other)) < (await at(now))) return;
      served = 1 - served;
      const alias = { _id: VIEW, position: 0n, generation: other, previous: now };
      await first?.reads.write(ALIASES, [{ document: alias as never, expected: { generation: now } }]);
    }
    async function ask(process: number, key: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
      const answer = await processes[process]?.reader.answer(
        { header: (name) => headers[name] },
        {
          view: VIEW,
          key,
          withConfig: true,
          keptFor: key,
          show:
            ({ document }) =>
            () =>
              document,
        },
      );
      const told = answer?.headers ?? {};
      const etag = readEtag(told['ETag'] ?? '');
      if (!etag) throw new Error(`no ETag: ${JSON.stringify(told)}`);
      const stale = told['X-Stale'] === 'true';
      return { position: BigInt(told['X-Position'] ?? 0), etag, text: told['ETag'] ?? '', stale };
    }

    /** What was shown of a key: to everybody in a process, and to a reader who goes from one to another. */
    const inProcess = new Map<string, Answer>();
    const toReader = new Map<string, Answer>();
    let [reads, passedOver] = [0, 0];
    const notBefore = (now: Answer, before: Answer | undefined, why: string) => {
      if (!before) return;
      expect(now.position >= before.position, `${why}: ${now.position} after ${before.position}`).to.equal(true);
      if (now.etag.generation !== before.etag.generation) return;
      for (const part of ['document', 'config'] as const)
        expect(
          now.etag[part].position >= before.etag[part].position,
          `${why}: ${now.text} after ${before.text}`,
        ).to.equal(true);
    };
    async function read(): Promise<void> {
      const process = Math.floor(random() * PROCESSES);
      const key = pick(random, KEYS) ?? '';
      const how = pick(random, ['plain', 'read-after', 'if-none-match'] as const);
      const before = toReader.get(key);
      const headers: Record<string, string> = {};
      if (before && how === 'read-after') headers['read-after'] = before.position.toString();
      if (before && how === 'if-none-match') headers['if-none-match'] = before.text;
      const asked = ask(process, key, headers);
      let isAnswered = false;
      void asked.then(
        () => (isAnswered = true),
        () => (isAnswered = true),
      );
      await time.advance(0);
      if (!isAnswered) await time.advance(1_000); // a Read-After that is not reached
      const answer = await asked;
      reads += 1;
      notBefore(answer, inProcess.get(`${process} ${key}`), `p${process}, ${how}`);
      // Another generation may be behind what was shown of this one ahead of its checkpoint: then it says so.
      if (how === 'read-after' && before && !(answer.stale && answer.etag.generation !== before.etag.generation)) {
        expect(answer.stale, 'what was shown elsewhere is there').to.equal(false);
        expect(answer.position >= before.position, 'Read-After').to.equal(true);
      }
      if (how === 'if-none-match' && before?.etag.generation === answer.etag.generation) {
        for (const part of ['document', 'config'] as const)
          expect(
            answer.etag[part].position >= before.etag[part].position,
            `${answer.text} after ${before.text}`,
          ).to.equal(true);
        passedOver += 1;
      }
      const shown = answer.etag.document.position;
      const missing = events.all.find(
        ({ stream, position }) => stream === key && position > shown && position <= answer.position,
      );
      expect(missing, `p${process} claims ${answer.position}, shows ${shown}`).to.equal(undefined);
      inProcess.set(`${process} ${key}`, answer);
      if (how !== 'plain' || !before) toReader.set(key, answer);
    }

    for (let step = 0; step < STEPS; step += 1) {
      const dice = random();
      if (dice < 0.2) append();
      else if (dice < 0.5) {
        const process = pick(random, processes);
        const feed = pick(random, feeds) ?? '';
        const view = collectionOf(...(feed.split('.') as [string, string]));
        const death =
          random() < 0.1 ? `${pick(random, ['before', 'after'])} ${pick(random, [view, CHECKPOINTS])}` : null;
        const died = await process?.step(feed, death);
        if (died) dead.add(died);
      } else if (dice < 0.54) await pick(random, processes)?.release(pick(random, feeds) ?? '');
      else if (dice < 0.56) await serveTheOther();
      else if (dice < 0.7) await time.advance(Math.floor(random() * 40));
      else await read();
    }
    await time.advance(3_000);
    for (const { store } of processes) await store.close();
    return { reads, passedOver };
  }

  it('never show less than what was shown before, in twenty histories at random', async () => {
    const seed = Number(process.env['SEED'] ?? 1);
    let [reads, passedOver] = [0, 0];
    for (let n = 0; n < 20; n += 1) {
      const played = await play(seeded(seed * 1_000 + n)).catch((error: unknown) => {
        throw new Error(`SEED=${seed}, history ${n}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      });
      reads += played.reads;
      passedOver += played.passedOver;
    }
    expect(reads).to.be.greaterThan(1_000);
    expect(passedOver).to.be.greaterThan(200);
  });
});
