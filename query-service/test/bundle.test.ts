import type { SignedHead } from '@creator-dashboards/shared/audit-index';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { bundleOf, partOf, partQuery } from '../src/audit/bundle.js';
import { LogChanged } from '../src/audit/heads.js';
import { bundle, keys, logOf, signed } from './bundles.js';

const METADATA = {
  ...{
    $correlationId: 'c1',
    $causationId: 'c1',
    commandId: 'c1',
    actor: { userId: null, role: 'SYSTEM' },
    reason: null,
  },
  ...{ occurredAt: '2026-04-29T10:00:00.000Z', schemaVersion: 1, prevHash: null, keys: {} },
};
const IN_TEXT =
  '{"$correlationId":"c1","$causationId":"c1","commandId":"c1","actor":{"userId":null,"role":"SYSTEM"},"reason":null,"occurredAt":"2026-04-29T10:00:00.000Z","schemaVersion":1,"prevHash":null,"keys":{}}';

/** What `sha256sum` says of the bytes 00 and each line of text, and of the bytes 01, a left and a right hash. */
const LINES = [
  `[0,"user-a","0","e0","A",{"name":"Ada"},${IN_TEXT}]`,
  `[1,"user-b","0","e1","B",{"n":1,"é":"ü"},${IN_TEXT}]`,
  `[2,"user-a","1","e2","C",null,${IN_TEXT}]`,
];
const LEAVES = [
  'cc1308b675d2f63da20cd4cbfd7bbe6624b1457341753133f1e209b330e60e5c',
  '8e0fa5cfc927823671e6e6d24ac041fd378cd76ec6ebee8cd8d015938baa1aa4',
  '5937563cc3b5c4b536bdee793f8e4717f0f173763c5534a7ed21f6f874e84f5c',
];
const LEFT = 'f8549bfd83d3162865fd2691eca3c415d5df08e2ee0d4eec0b22e89505b39b12';
const ROOT = '33a08fab178eb609302a685a76fc44aa642cff86a873a6b19e2ef6aaab6189ad';
const THREE = (
  [
    ['user-a', 0n, 'e0', 'A', { name: 'Ada' }],
    ['user-b', 0n, 'e1', 'B', { n: 1, é: 'ü' }],
    ['user-a', 1n, 'e2', 'C', null],
  ] as const
).map(([stream, revision, id, type, data], n) => {
  const event = { stream, revision, id, type, data, metadata: METADATA, position: BigInt(10 * (n + 1)) };
  return event as unknown as RecordedEvent;
});

describe('A bundle', () => {
  it('holds what was worked out by hand for a log of three events: lines, leaves, paths, heads and counts', async () => {
    for (const [n, text] of LINES.entries())
      expect(createHash('sha256').update(`\0${text}`).digest('hex')).to.equal(LEAVES[n]);
    const log = await signed(THREE, [2, 3]);
    const [first, ...others] = (await bundle(log, { from: 0, to: 3 })).split('\n');
    const [two, three] = log.heads;
    expect(JSON.parse(first as string)).to.deep.equal({
      ...{ bundle: 'creator-dashboards part of the log', version: 1, from: 0, to: 3 },
      head: { size: 3, root: ROOT, signedAt: three?.signedAt, keyId: three?.keyId, signature: three?.signature },
    });
    const event = (n: number, ...proof: unknown[]) => `{"proof":${JSON.stringify(proof)},"event":${LINES[n]}}`;
    expect(others).to.deep.equal([
      event(0, LEAVES[1], LEAVES[2]),
      event(1, LEAVES[0], LEAVES[2]),
      `{"proof":["${LEAVES[2]}"],"head":${JSON.stringify(two)}}`,
      event(2, LEFT),
      '{"events":3,"heads":1}',
      '',
    ]);
    expect(two?.root).to.equal(LEFT);
  });

  it('is of the events at and between two positions or times, or of all that are indexed', async () => {
    const { index } = await signed(logOf(20, 'a'), [20]);
    const part = (from?: string, to?: string) => partOf(index, partQuery.parse({ from, to }));
    expect(await part()).to.deep.equal({ from: 0, to: 20 });
    expect(await part('30', '50'), 'both are in it').to.deep.equal({ from: 2, to: 5 });
    expect(await part('31', '49'), 'between events').to.deep.equal({ from: 3, to: 4 });
    expect(await part('2026-05-01T03:00:00Z', '2026-05-01T05:30:00+00:00')).to.deep.equal({ from: 3, to: 6 });
    expect(await part('100', '2026-05-01T12:00:00Z')).to.deep.equal({ from: 9, to: 13 });
    expect(await part('201')).to.equal(null);
    expect(await part('50', '30')).to.equal(null);
    expect(partQuery.safeParse({ from: 'yesterday' }).success).to.equal(false);
  });

  it('is none where the log is not what was indexed, or leads to another head', async () => {
    const log = logOf(20, 'a');
    const whole = await signed(log, [7, 20]);
    const failure = (changed: readonly RecordedEvent[]) =>
      bundleOfChanged(changed).then(
        () => null,
        (error: unknown) => error,
      );
    async function bundleOfChanged(changed: readonly RecordedEvent[]) {
      return bundle({ ...whole, events: (await signed(changed, [])).events }, { from: 3, to: 20 });
    }
    expect(await failure(log)).to.equal(null);
    const changed = log.map((event) => (event.id === 'a-9' ? { ...event, data: {} } : event));
    expect(await failure(changed))
      .to.be.instanceOf(LogChanged)
      .with.property('message', 'event a-9 at position 100 is not what was indexed as number 9');
    const moved = log.map((event) => (event.id === 'a-9' ? { ...event, position: 101n } : event));
    expect(await failure(moved)).to.be.instanceOf(LogChanged);
    expect(await failure(log.slice(0, 12)))
      .to.be.instanceOf(LogChanged)
      .with.property('message', 'event 12 of the log is not there any more');

    const forged = keys.sign({ size: 5, root: 'ab'.repeat(32) }, '2026-05-01T10:00:00.000Z');
    await whole.index.keepHead(forged);
    await whole.index.signHead(forged);
    expect(await failure(log), 'a head that its events do not lead to')
      .to.be.instanceOf(LogChanged)
      .with.property('message')
      .that.matches(/^the first 5 events of the log have root .*, and had abab/);
  });

  it('is read once, however many proofs it has', async () => {
    const log = await signed(logOf(3_000, 'a'), [100, 1_024, 2_500, 3_000]);
    let read = 0;
    const get: typeof log.index.get = (ordinals) => {
      read += ordinals.length;
      return log.index.get(ordinals);
    };
    await bundle({ ...log, index: { ...log.index, get } }, { from: 0, to: 3_000 });
    expect(read, 'each event by itself, and as a leaf of the tree; few are read again').to.be.lessThan(2.2 * 3_000);
  });

  it('is made page by page, as it is taken: the log is not read ahead of who writes it', async () => {
    const log = await signed(logOf(1_000, 'a'), [1_000]);
    let pages = 0;
    const readAll: typeof log.events.readAll = (options) => {
      pages += 1;
      expect(options.maxBytes).to.equal(2 ** 20);
      return log.events.readAll(options);
    };
    const part = { from: 0, to: 1_000 };
    const chunks = bundleOf({ events: { readAll }, index: log.index, head: log.heads[0] as SignedHead, part });
    const seen: number[] = [];
    for await (const _ of chunks) seen.push(pages);
    expect(seen, 'the first line, five pages of 200 events, the last line').to.deep.equal([0, 1, 2, 3, 4, 5, 5]);
  });
});
