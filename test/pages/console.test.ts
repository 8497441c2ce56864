/** The tasks of docs/console.md in a real browser, and how many clicks each takes. What is typed is no click. */
import { aliasOf, generationOf } from '@creator-dashboards/projector/generations';
import { runRebuild } from '@creator-dashboards/projector/rebuild/run';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { DAY, SECOND } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import {
  answered,
  creatorWithDms,
  fanWith,
  mayBePaid,
  send,
  setDms,
  type Creator,
  type Person,
} from '../support/people.js';
import { openSystem, type TestSystem } from '../support/system.js';
import { inBrowser, openBrowser, type TestBrowser } from './browser.js';

const views = withFingerprints(registry);

inBrowser('The console', () => {
  let system: TestSystem;
  let browser: TestBrowser;
  let page: Page;
  let anna: Creator;
  let finn: Person;
  let clicks = 0;

  before(async () => {
    browser = await openBrowser();
    system = await openSystem();
    anna = await creatorWithDms(system, 'anna', 'PER_MESSAGE', 10);
    finn = await fanWith(system, 'finn', '100.00');
    await answered(finn, anna, 'PER_MESSAGE', 'first');
    await system.pass(8 * DAY);
    await answered(finn, anna, 'PER_MESSAGE', 'second');
    await system.admin.put('/admin/config/dm.timeout_hours', {
      value: 24,
      reason: '<script>alert(1)</script> Incident 12',
    });
    await mayBePaid(system, anna);
    expect((await anna.post('/payouts/request', { amount: '10.00' })).status).to.equal(201);
    await system.pass(SECOND);
    await send(finn, anna, 'PER_MESSAGE', 'quarantine-me');
    await system.catchUp();
    await spoil('creatorDashboard', { responded: 7 });
    await spoil('creatorProfile', {
      parked: true,
      parkedFrom: '7',
      parkedError: 'a broken bio',
      parkedType: 'BioUpdated',
      parkedHeld: 0,
    });
    await setDms(anna, { dmType: 'PER_MESSAGE', dmPrice: 12, dmActive: true });
    await system.catchUp();
    // Whoever asks for a receipt has the log signed.
    const last = await system.stores.events.readAt(await system.head());
    expect((await system.admin.get(`/admin/integrity/receipts/${last?.id}`)).status).to.equal(200);
  });
  after(async () => {
    await browser.close();
    await system.close();
  });
  beforeEach(async () => {
    clicks = 0;
    page = await browser.page();
    await page.clock.setFixedTime(system.now());
    await arrive('/console');
  });
  afterEach(() => browser.finish(page));

  /** Changes the document of anna in a view, as no event would. */
  async function spoil(view: 'creatorDashboard' | 'creatorProfile', changes: object): Promise<void> {
    const { reads } = system.stores;
    const collection = collectionOf(view, (await aliasOf(reads, view))?.generation ?? '');
    const document = await reads.get(collection, anna.userId);
    if (!document) throw new Error(`${view} has no document of anna`);
    const spoilt = { ...document, parkedEvent: null, parkedSince: null, ...changes };
    await reads.write(collection, [{ document: spoilt, expected: { position: document.position } }]);
  }

  async function arrive(path: string): Promise<void> {
    const token = system.bearer(system.adminId, 'ADMIN').Authorization.slice('Bearer '.length);
    await page.goto(`http://127.0.0.1:${system.port}${path}#token=${token}`);
    await page.locator('.console h1').waitFor();
  }
  async function click(what: Locator): Promise<void> {
    clicks += 1;
    await what.click();
  }
  /** By keys alone: "/", the text, Enter. */
  async function search(text: string): Promise<void> {
    await page.keyboard.press('/');
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
  }
  /** Into the dialog, which has the focus: no click. */
  async function type(...texts: readonly string[]): Promise<void> {
    for (const [at, text] of texts.entries()) {
      if (at > 0) await page.keyboard.press('Tab');
      await page.keyboard.type(text);
    }
    await page.keyboard.press('Enter');
  }
  const link = (name: string) => page.getByRole('link', { name, exact: true });
  const row = (text: string) => page.locator('tr, .fields > div', { hasText: text }).first();
  const seen = (text: string | RegExp) => page.locator('.console-main').getByText(text).first().waitFor();

  it('finds an event within 2 clicks', async () => {
    await search('MessageReplied');
    await click(link('MessageReplied').first());
    await page.locator('.drawer').getByText('settlement').waitFor();
    expect(clicks).to.be.at.most(2);
  });

  it('says by 1 click why a number is what it is', async () => {
    await arrive(`/console/creator?id=${anna.creatorId}`);
    await click(row('total earnings').getByRole('link'));
    const why = page.locator('.drawer');
    // 10.00 less 20 % commission, twice.
    expect(await why.locator('h2').innerText()).to.equal('Why is total earnings 16.00?');
    expect(await why.locator('tbody tr').first().innerText()).to.match(/MessageCompleted[^]*8\.00\s+16\.00/);
    expect(clicks).to.equal(1);
  });

  it('shows without a click which view needs somebody, before all others', async () => {
    const first = page.locator('.feeds tbody tr').first();
    expect(await first.innerText()).to.match(/creatorProfile\s+1 parked[^]*v1 \/ v1\s+0 s/);
    expect(clicks).to.equal(0);
  });

  it('approves a payout and releases a message within 2 clicks each, and the bar says how much is left', async () => {
    const bar = page.getByRole('navigation', { name: 'Pages of the console' });
    await bar.getByText('To do 2').waitFor();
    await click(bar.getByRole('link', { name: 'To do' }));
    const rows = page.locator('.work tbody tr');
    const first = await rows.first().innerText();
    expect(first).to.match(/Approve a payout\s+10\.00 by bank transfer/);
    await click(rows.first().getByRole('button', { name: 'Approve' }));
    await type('the account is hers');
    await seen('Process a payout');
    expect(clicks).to.equal(2);

    clicks = 0;
    await arrive('/console');
    await click(bar.getByRole('link', { name: 'To do' }));
    await click(rows.filter({ hasText: 'Judge a message' }).getByRole('button', { name: 'Release' }));
    await type('harmless');
    await bar.getByText('To do 1').waitFor();
    expect(clicks).to.equal(2);
    expect(await rows.count()).to.equal(1);
    const { items } = (await system.admin.get('/admin/work')).body.data as { items: object[] };
    expect(items).to.have.length(1);
    expect(items[0]).to.include({ kind: 'payout', status: 'APPROVED' });
  });

  it('shows within 2 clicks what a creator saw last Tuesday', async () => {
    await search('anna');
    await click(page.locator('.findings').getByRole('link', { name: /creator/ }));
    await click(link('Tue 5'));
    await seen('As it was at');
    await page
      .locator('.fields > div', { hasText: 'total earnings' })
      .getByText('8.00', { exact: true })
      .first()
      .waitFor();
    expect(clicks).to.equal(2);
  });

  it('rebuilds and shows how far it is within 2 clicks, and compares before the switch within 2', async () => {
    await click(row('creatorDashboard').getByRole('button', { name: 'Rebuild' }));
    await type('', 'a wrong number');
    await page.locator('#rebuild').getByText('is being built').waitFor();
    expect(clicks).to.be.at.most(2);

    const { stores, clock } = system;
    const id = `creatorDashboard.${generationOf(views.creatorDashboard.version, 2)}`;
    await runRebuild(
      { ...stores, clock, views, owner: 'a worker', isDead: () => true },
      id,
      new AbortController().signal,
    );
    await system.catchUp();
    await page.locator('#rebuild').getByText('is held').waitFor();

    clicks = 0;
    await arrive('/console');
    await click(link('Compare'));
    const report = page.locator('#report');
    await report.getByText('responded').first().waitFor();
    // The served document was changed to 7; two messages were answered.
    expect(await report.locator('.diff tbody tr').first().innerText()).to.equal(`${anna.userId}\t7\t2`);
    expect(clicks).to.be.at.most(2);
  });

  it('retries a parked event within 2 clicks', async () => {
    await click(page.getByRole('navigation', { name: 'Pages of the console' }).getByRole('link', { name: 'Parked' }));
    expect(await page.locator('.cause tbody').innerText(), 'held behind it').to.match(/\d events?\s+since/);
    await click(page.locator('.cause').getByRole('button', { name: 'Retry' }).first());
    await type('the bio is mended');
    await seen('is tried again');
    expect(clicks).to.equal(2);
  });

  it('says by 1 click who changed a setting and why, and shows what is stored as text', async () => {
    await click(link('Settings'));
    const changed = row('dm.timeout_hours');
    expect(await changed.innerText())
      .to.include('<script>alert(1)</script> Incident 12')
      .and.to.match(/72 → 24/);
    expect(await changed.getByRole('link', { name: system.adminId.slice(0, 8) }).getAttribute('href')).to.equal(
      `/console/people?id=${system.adminId}`,
    );
    expect(clicks).to.equal(1);
  });

  it('proves by 1 click that nothing was tampered with', async () => {
    await click(link('Integrity'));
    await seen('Nothing was tampered with');
    expect(clicks).to.equal(1);
  });

  it('erases a person within 4 clicks, once the name was typed, and shows the receipt', async () => {
    await search('finn');
    await click(page.getByRole('button', { name: 'Erase' }));
    await type('anna', 'asked for in writing');
    await page.getByText('That is not the name of this person.').waitFor();
    await page.getByLabel(/Type the username/).fill('finn');
    await page.keyboard.press('Enter');
    await page.locator('#receipt').getByText('key destroyed').waitFor();
    expect(clicks).to.be.at.most(4);
  });
});
