/** Who tries what another role may is denied, limited, and recorded: the first attempt of an hour at once, the others by number. */
import { decode } from '@creator-dashboards/shared/events/index';
import { HOUR } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { journey } from '../support/journey.js';
import { register } from '../support/people.js';
import type { TestSystem } from '../support/system.js';

journey('a denied attempt', (openSystem) => {
  let system: TestSystem;
  beforeEach(async () => {
    system = await openSystem({ rateLimits: 'real' });
  });
  afterEach(() => system.close());

  async function recorded(userId: string): Promise<unknown[]> {
    const stream = `access-${userId}_${system.now().slice(0, 10)}`;
    return (await system.stores.events.readStream(stream, { limit: 100 })).map((event) => {
      expect(event.type).to.equal('AccessDenied');
      return (decode(event).data as { counts?: unknown }).counts;
    });
  }

  it('is recorded with its route: the first of an hour before it is answered, the others when the hour is over', async () => {
    const person = await register(system, 'anna');
    const denied = async (path: string) => expect((await person.get(path)).status).to.equal(403);
    await denied('/admin/events?type=UserErased');
    expect(await recorded(person.userId)).to.deep.equal([{ 'GET /admin/events': 1 }]);
    await denied('/admin/events');
    await denied('/admin/config');
    await denied('/admin/projections/message/history');
    expect(await recorded(person.userId)).to.have.length(1);
    await system.pass(HOUR);
    await system.access.flush();
    expect((await recorded(person.userId)).slice(1)).to.deep.equal([
      { 'GET /admin/events': 1, 'GET /admin/config': 1, 'GET /admin/projections/:view/history': 1 },
    ]);
  });

  it('is limited as the route is, and what passes the limit no more is not counted', async () => {
    const person = await register(system, 'anna');
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 62; attempt += 1)
      statuses.push((await person.post('/admin/projections/message/rebuild', { reason: 'mine' })).status);
    expect(statuses).to.deep.equal([...Array.from({ length: 60 }, () => 403), 429, 429]);
    await system.access.flush('all');
    const route = 'POST /admin/projections/:view/rebuild';
    expect(await recorded(person.userId)).to.deep.equal([{ [route]: 1 }, { [route]: 59 }]);
  });

  it('is also that of an auditor who would write, and of an admin where users act', async () => {
    expect((await system.auditor.post('/admin/projections/message/rebuild', {})).status).to.equal(403);
    expect((await system.admin.get('/wallet/balance')).status).to.equal(403);
    expect(await recorded(system.adminId)).to.deep.equal([{ 'GET /wallet/balance': 1 }]);
  });
});
