import type { EventStore } from '@creator-dashboards/shared/ports';
import { history } from '@creator-dashboards/shared/testing/given';
import { creatorUserId, delivered, idOf, replied, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { logOf } from '@creator-dashboards/shared/testing/log';
import { expect } from 'chai';
import { cutStreams } from '../../src/compare/cut-streams.js';
import { textOf } from '../../src/cli/verify.js';

const log = logOf(history([sent(), sent(idOf(2)), sent(idOf(3)), delivered(), replied(), delivered(idOf(3))]));
const [first, second, third] = [...new Set(log.all.map(({ stream }) => stream))];

/** As an operator's setting leaves it: the events stay in the log, and the stream begins later, or is not there. */
const cut = (shown: Readonly<Record<string, number>>): EventStore => ({
  ...log,
  async readStream(stream, options) {
    const from = BigInt(shown[stream] ?? 0);
    return (await log.readStream(stream, options)).filter(({ revision }) => revision >= from);
  },
});

describe('Cut streams (G65)', () => {
  it('are none where every stream begins with its first event', async () =>
    expect(await cutStreams(log)).to.deep.equal({ count: 0, named: [] }));

  it('are those that begin later, or have no event left, though the log has some of theirs', async () => {
    const hidden = cut({ [first ?? '']: 2, [second ?? '']: 1_000 });
    expect(await cutStreams({ ...hidden, readStream: (stream) => hidden.readStream(stream) })).to.deep.equal({
      count: 2,
      named: [first, second],
    });
  });

  it('are also those whose beginning is not in the log any more', async () => {
    const scavenged = logOf(log.all.filter(({ stream, revision }) => stream !== third || revision > 0n));
    expect((await cutStreams(scavenged)).named).to.deep.equal([third]);
  });

  it('are told once each, however few streams are remembered', async () =>
    expect(await cutStreams(cut({ [first ?? '']: 2 }), undefined, 1)).to.deep.equal({ count: 1, named: [first] }));

  it('are looked for only in the categories asked for', async () =>
    expect((await cutStreams(cut({ [first ?? '']: 2 }), ['creator'])).count).to.equal(0));

  it('are named below the table, with what to do', () =>
    expect(textOf([{ view: 'log', error: `the beginning of ${creatorUserId} is hidden` }])).to.include(
      `log: the beginning of ${creatorUserId} is hidden`,
    ));
});
