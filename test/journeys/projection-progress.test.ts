/** Admins and auditors watch a rebuild over HTTP: one answer, or the newest state pushed as it changes. */
import { generationOf } from '@creator-dashboards/projector/generations';
import { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { journey } from '../support/journey.js';
import { API, type TestSystem } from '../support/system.js';

const PATH = '/admin/projections/message';
const SECOND = generationOf(views.message.version, 2);
const because = { reason: 'a wrong number' };

interface State {
  readonly rebuild: Readonly<Record<'id' | 'state' | 'generation' | 'position', string>> & {
    readonly progress: Readonly<Record<string, number | null>>;
  };
}
interface Told {
  readonly event: string;
  readonly data: State & { readonly reason: string };
}

journey('the progress of a rebuild over HTTP', (openSystem) => {
  let system: TestSystem;
  beforeEach(async () => {
    system = await openSystem();
  });
  afterEach(() => system.close());

  const decide = async (name: string) =>
    expect((await system.admin.post(`${PATH}/${name}`, because)).status, name).to.equal(200);

  async function* watch(): AsyncGenerator<Told> {
    const headers = { ...system.bearer(system.adminId, 'AUDITOR'), Accept: 'text/event-stream' };
    const { status, body } = await fetch(`http://127.0.0.1:${system.port}${API}${PATH}/progress`, { headers });
    expect(status).to.equal(200);
    let text = '';
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
        if (event) yield { event, data: JSON.parse(data ?? '') as Told['data'] };
        text = text.slice(end + 2);
      }
    }
  }

  it('is the present state in one answer', async () => {
    const read = () => system.done(system.auditor.get(`${PATH}/progress`), 200, []) as Promise<unknown>;
    expect(await read()).to.deep.equal({ rebuild: null });
    await decide('rebuild');
    const { rebuild } = (await read()) as State;
    expect(rebuild).to.include({ id: `message.${SECOND}`, state: 'RUNNING', generation: SECOND, position: '0' });
    expect(rebuild.progress).to.include({ eventsDone: 0, eventsTotal: null, part: 0, secondsLeft: null });
    await system.refused(system.auditor.get('/admin/projections/nothing/progress'), 404, 'admin.projection.unknown');
  });

  it('is pushed whenever it changes, until the rebuild has ended', async () => {
    await decide('rebuild');
    await system.newEvents();
    const frames = watch();
    const next = async () => (await frames.next()).value as Told;
    const stateOf = async () => {
      const { event, data } = await next();
      return [event, data.rebuild.state];
    };
    expect(await stateOf()).to.deep.equal(['progress', 'RUNNING']);
    expect(await system.newEvents(), 'watching is not recorded').to.deep.equal([]);
    await decide('pause');
    expect(await stateOf()).to.deep.equal(['progress', 'PAUSED']);
    await decide('cancel');
    expect(await stateOf()).to.deep.equal(['progress', 'CANCELLED']);
    expect(await next()).to.deep.equal({ event: 'end', data: { reason: 'CANCELLED' } });
    expect((await frames.next()).done).to.equal(true);
  });

  it('ends at once where nothing is rebuilt', async () => {
    const told: Told[] = [];
    for await (const frame of watch()) told.push(frame);
    expect(told).to.deep.equal([
      { event: 'progress', data: { rebuild: null } },
      { event: 'end', data: { reason: 'NONE' } },
    ]);
  });
});
