/** An export over HTTP: recorded before its first byte, whole or visibly not, and masked unless a reason is given. */
import { expect } from 'chai';
import { journey } from '../support/journey.js';
import { register, type Person } from '../support/people.js';
import type { TestSystem } from '../support/system.js';

type Line = Readonly<Record<string, unknown>>;

journey('an export', (openSystem) => {
  let system: TestSystem;
  let anna: Person;
  before(async () => {
    system = await openSystem();
    anna = await register(system, 'anna');
    await register(system, 'otto');
  });
  after(() => system.close());

  const linesOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);

  async function exported(filters: Readonly<Record<string, string>>): Promise<Line[]> {
    const query = new URLSearchParams(filters).toString();
    const response = await system.auditor.get(`/admin/events/export?${query}`, { Accept: 'application/x-ndjson' });
    expect(response.status).to.equal(200);
    expect(response.headers['content-type']).to.equal('application/x-ndjson');
    return linesOf(response.text ?? String(response.body));
  }

  it('has the same events in the same order as the pages of a search', async () => {
    for (const order of ['oldest', 'newest']) {
      const lines = await exported({ userId: anna.userId, order });
      const page = await system.auditor.get(`/admin/events?userId=${anna.userId}&order=${order}&limit=200`);
      expect(lines.slice(0, -1)).to.deep.equal(page.body.data.items);
      expect(lines.at(-1)).to.include({ complete: true, count: lines.length - 1, next: null });
    }
  });

  it('is recorded before its first byte, by the names of its filters and not by what was asked for', async () => {
    await system.newEvents();
    const lines = await exported({ userId: anna.userId });
    const [recorded, ...more] = await system.newEvents();
    expect(more).to.deep.equal([]);
    expect(recorded).to.include({ type: 'DataExported' });
    const { means, query } = recorded?.data as { means: string; query: { filters: string[] } };
    expect([means, query.filters]).to.deep.equal(['GET /admin/events/export', ['order', 'reveal', 'userId']]);
    expect(JSON.stringify(recorded?.data)).to.not.include(anna.userId);
    expect(recorded?.position, 'it is not part of what it records').to.satisfy(
      (position: bigint) => position > BigInt(String(lines.at(-1)?.upTo)),
    );
  });

  it('says what is sealed only for a reason, which is recorded first', async () => {
    const email = 'anna@example.org';
    expect(JSON.stringify(await exported({ userId: anna.userId }))).to.not.include(email);
    const refusal = await system.auditor.get('/admin/events/export?reveal=true');
    expect([refusal.status, refusal.body.error.i18nKey]).to.deep.equal([400, 'common.validation_failed']);
    await system.newEvents();
    const shown = JSON.stringify(await exported({ userId: anna.userId, reveal: 'true', reason: 'Case 7' }));
    expect(shown).to.include(email);
    expect(shown).to.not.match(/ciphertext|\$argon2/);
    const recorded = await system.newEvents();
    expect(recorded.map(({ type }) => type)).to.deep.equal(['PersonalDataRevealed', 'DataExported']);
    expect(recorded[0]?.data).to.include({ person: anna.userId });
    for (const { metadata } of recorded) expect(metadata.reason).to.have.property('ciphertext');
  });

  it('is CSV if that is asked for', async () => {
    const { headers, text } = await system.auditor.get('/admin/events/export?format=csv&type=UserRegistered');
    expect(headers['content-type']).to.match(/^text\/csv/);
    expect(headers['content-disposition']).to.match(/^attachment; filename="events-\d+\.csv"$/);
    const records = text.trimEnd().split('\r\n');
    expect(records).to.have.length(4); // columns, Anna, Otto, and that this is all
    expect(records.at(-1)).to.match(/^complete,2,\d+,/);
  });

  it('asks nothing of the log when only its headers are asked for', async () => {
    await system.newEvents();
    const { Authorization } = system.bearer(system.adminId, 'AUDITOR');
    const head = await system.browse('/api/v1/admin/events/export', { Authorization }, 'head');
    expect([head.status, head.text ?? '']).to.deep.equal([200, '']);
    expect(head.headers).to.have.property('x-position');
    expect(await system.newEvents()).to.deep.equal([]);
  });
});
