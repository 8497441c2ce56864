/**
 * What holds for every page: axe-core finds nothing serious, on paper and in the dark; a phone never scrolls sideways; what somebody
 * has stored is shown as text. That nothing failed and no other host was asked is looked at when a page is finished.
 */
import axe from 'axe-core';
import { DAY, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { answered, creatorWithDms, fanWith, mayBePaid, send, type Creator, type Person } from '../support/people.js';
import { openSystem, type TestSystem } from '../support/system.js';
import { inBrowser, openBrowser, SCRIPT, type TestBrowser } from './browser.js';

/** No space to break it at. */
const LONG_WORD = 'w'.repeat(120);
const TEXT = `${SCRIPT} ${LONG_WORD}`;
const WAYS = [
  { colorScheme: 'light', width: 360 },
  { colorScheme: 'dark', width: 360 },
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 1280 },
] as const;

inBrowser('Every page', () => {
  let system: TestSystem;
  let browser: TestBrowser;
  let page: Page;
  let anna: Creator;
  let finn: Person;
  let eventId: string;
  let correlationId: string;

  before(async () => {
    browser = await openBrowser();
    system = await openSystem();
    anna = await creatorWithDms(system, 'anna', 'PER_MESSAGE', 10);
    finn = await fanWith(system, 'finn', '100.00');
    await done(anna.patch(`/creators/${anna.creatorId}/bio`, { bio: TEXT }), 200);
    await done(anna.post(`/creators/${anna.creatorId}/links`, { title: SCRIPT, url: 'https://anna.example/' }), 201);
    for (const which of ['first', 'second']) await answered(finn, anna, 'PER_MESSAGE', `${which} ${TEXT}`);
    await system.pass(8 * DAY);
    await mayBePaid(system, anna);
    await done(anna.post('/payouts/request', { amount: '10.00' }), 201);
    await done(finn.get('/referral/link'), 200);
    await done(system.admin.put('/admin/config/dm.timeout_hours', { value: 24, reason: TEXT }), 200);
    await send(finn, anna, 'PER_MESSAGE', TEXT);
    await system.pass(SECOND);
    await send(await fanWith(system, 'fay', '20.00'), anna, 'PER_MESSAGE', `quarantine-me ${TEXT}`);
    await system.catchUp();
    const last = await system.stores.events.readAt(await system.head());
    if (!last) throw new Error('the log is empty');
    eventId = last.id;
    correlationId = last.metadata.$correlationId;
    await done(system.admin.get(`/admin/integrity/receipts/${eventId}`), 200);
  });
  after(async () => {
    await browser.close();
    await system.close();
  });
  beforeEach(async () => {
    page = await browser.page();
    await page.clock.setFixedTime(system.now());
  });
  afterEach(() => browser.finish(page));

  async function done(answer: Promise<{ readonly status: number; readonly body: unknown }>, expected: number) {
    const { status, body } = await answer;
    expect(status, JSON.stringify(body)).to.equal(expected);
  }
  const tokenOf = (userId: string, role?: 'ADMIN') => system.bearer(userId, role).Authorization.slice('Bearer '.length);

  /** Loads each as by a link from elsewhere; answers which of them show the stored script, as text. */
  async function sweep(paths: readonly string[], token?: string): Promise<readonly string[]> {
    const found: string[] = [];
    const showing: string[] = [];
    for (const path of paths) {
      await page.goto('about:blank');
      await page.goto(`http://127.0.0.1:${system.port}${path}${token === undefined ? '' : `#token=${token}`}`);
      await settled();
      if ((await page.locator('main').innerText()).includes(SCRIPT)) showing.push(path);
      for (const way of WAYS) {
        // Without transitions, half-way through which a colour is neither of both.
        await page.emulateMedia({ colorScheme: way.colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width: way.width, height: 800 });
        for (const trouble of await troubles()) found.push(`${path} ${way.colorScheme} ${way.width}: ${trouble}`);
      }
      expect(await page.title(), path).to.not.include('stolen');
      expect(await page.locator('main img[src=x], main script').count(), path).to.equal(0);
    }
    expect(found).to.deep.equal([]);
    return showing;
  }

  /** Until all is there that the page shows. */
  async function settled(): Promise<void> {
    await page.locator('body:not(:has(.skeleton, .none[role="status"])) h1').first().waitFor();
  }

  async function troubles(): Promise<string[]> {
    // By the debugger, which no Content-Security-Policy keeps out.
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    const tooWide = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    return [
      ...violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
      ...(tooWide > 0 ? [`${tooWide} px too wide`] : []),
    ];
  }

  it('of those that anybody can see', async () => {
    await sweep(['/', '/login', '/auth/reset-password', '/auth/verify-email']);
  });

  it('of a creator', async () => {
    const paths = ['/me', '/me/money', '/me/page', '/me/sent', '/me/referrals', '/me/account'];
    expect(await sweep(paths, tokenOf(anna.userId))).to.deep.equal(['/me', '/me/page']);
  });

  it('of a fan', async () => {
    const paths = ['/me?to=anna', '/me/referrals', '/me/account'];
    expect(await sweep(paths, tokenOf(finn.userId))).to.deep.equal(['/me?to=anna']);
  });

  it('of the staff', async () => {
    const ofAnna = `/console/creator?id=${anna.creatorId}`;
    const paths = [
      ...['', '/todo', '/events', '/creator', '/parked', '/settings', '/integrity', '/people'].map(
        (path) => `/console${path}`,
      ),
      ...[`/console/events?event=${eventId}`, `/console/cause?id=${correlationId}`],
      ...[ofAnna, `${ofAnna}&view=creatorDashboard&field=totalEarnings`, `${ofAnna}&money=1`],
      ...['/console/projection?view=creatorDashboard', `/console/people?id=${finn.userId}`],
    ];
    expect(await sweep(paths, tokenOf(system.adminId, 'ADMIN'))).to.include('/console/settings');
  });
});
