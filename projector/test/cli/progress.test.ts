import { expect } from 'chai';
import { barOf, lineOf, percentOf, spanOf } from '../../src/cli/progress.js';
import type { Rebuild } from '../../src/rebuild/plan.js';
import { NO_WORK } from '../../src/rebuild/work.js';

const plan: Rebuild = {
  _id: 'message.v1-2',
  position: 41n,
  view: 'message',
  generation: 'v1-2',
  state: 'RUNNING',
  head: '200',
  token: 1,
  owner: 'worker',
  startedAt: '2026-05-01T00:00:00.000Z',
  finishedAt: null,
  error: null,
  breaks: null,
  rollback: false,
  hold: false,
  report: null,
  expect: [],
  accepted: null,
  acts: [],
  rate: null,
  upTo: '200',
  shares: 1,
  work: NO_WORK,
};
/** 1,000 events in 4 s, half of all, at first 500 of them in 3 s: two thirds of the time are over. */
const folded = [
  { units: 0, ms: 0 },
  { units: 500, ms: 3_000 },
  { units: 1_000, ms: 4_000 },
];
const half: Rebuild = {
  ...plan,
  work: { ...NO_WORK, events: 1_000, left: 1_000, documents: 9, workers: 2, ms: 4_000, folded },
};

describe('The progress of a rebuild on the command line', () => {
  it('is a bar with events, rate, documents and remaining time', () => {
    expect(barOf(half)).to.equal(
      'message.v1-2 [#############-------] 66 %, 1000 of 2000 events, 500 a second, 9 documents, 2 workers, 2 s left (2 s to 2 s) RUNNING',
    );
  });

  it('is by position in the log before a worker has reported', () => {
    expect(barOf(plan)).to.equal('message.v1-2 [####----------------] 20 % RUNNING');
    expect(barOf({ ...plan, head: '0', position: 0n })).to.equal('message.v1-2 [####################] 100 % RUNNING');
  });

  it('is whole when it is done, even where there was nothing to do, as for an instant rollback', () => {
    expect(barOf({ ...plan, state: 'DONE', position: 0n })).to.equal('message.v1-2 [####################] 100 % DONE');
    expect(lineOf({ ...plan, state: 'DONE', position: 0n })).to.include({ part: 1 });
    expect(lineOf({ ...plan, state: 'FAILED', position: 0n })).to.include({ part: 0 });
  });

  it('is one JSON object for programs', () => {
    expect(lineOf(half)).to.deep.equal({
      rebuild: 'message.v1-2',
      state: 'RUNNING',
      position: '41',
      head: '200',
      eventsDone: 1_000,
      workers: 2,
      eventsTotal: 2_000,
      part: 2 / 3,
      documents: 9,
      eventsPerSecond: 500,
      secondsLeft: 2,
      secondsLeftFrom: 1.6,
      secondsLeftTo: 2.4,
    });
    expect(lineOf(plan)).to.include({ eventsDone: 0, eventsTotal: null, eventsPerSecond: null, secondsLeft: null });
  });

  it('tells time in the unit that a person would take, and 100 % only at the end', () => {
    expect([0.2, 89, 91, 5_399, 7_500].map(spanOf)).to.deep.equal(['1 s', '89 s', '2 min', '1 h 30 min', '2 h 5 min']);
    expect([0, 0.999, 1].map(percentOf)).to.deep.equal(['0 %', '99 %', '100 %']);
  });
});
