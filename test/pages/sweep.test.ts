/** Every page on the demonstration's kind of data: readable for all, on a phone and a desk, by day and by night. */
import { DAY } from '@creator-dashboards/shared/time';
import axe from 'axe-core';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { answered, creatorWithDms, fanWith, mayBePaid, send, type Creator, type Person } from '../support/people.js';
import { openSystem, type TestSystem } from '../support/system.js';
import { inBrowser, openBrowser, type TestBrowser } from './browser.js';

const WIDTHS = { phone: 360, desk: 1_200 };
const LIGHTS = ['light', 'dark'] as const;

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

inBrowser('Every page', () => {
  let system: TestSystem;
  let browser: TestBrowser;
  let anna: Creator;
  let finn: Person;

  before(async () => {
    browser = await openBrowser();
    system = await openSystem();
    anna = await creatorWithDms(system, 'anna', 'PER_MESSAGE', 10);
    finn = await fanWith(system, 'finn', '100.00');
    await answered(finn, anna, 'PER_MESSAGE', 'first');
    await system.pass(8 * DAY);
    await answered(finn, anna, 'PER_MESSAGE', 'second');
    await mayBePaid(system, anna);
    await send(finn, anna, 'PER_MESSAGE', 'quarantine-me');
    expect((await anna.post('/payouts/request', { amount: '10.00' })).status).to.equal(201);
    await system.catchUp();
  });
  after(async () => {
    await browser.close();
    await system.close();
  });

  const tokenOf = (userId: string, role?: 'ADMIN') => system.bearer(userId, role).Authorization.slice('Bearer '.length);
  /** `isLive`: it listens for changes as long as it is open. */
  const pages: readonly { path: string; token?: () => string; isLive?: boolean }[] = [
    ...['/', '/login', '/auth/reset-password', '/auth/verify-email'].map((path) => ({ path })),
    { path: '/me', token: () => tokenOf(anna.userId), isLive: true },
    { path: '/me', token: () => tokenOf(finn.userId) },
    ...['todo', 'now', 'events', 'cause', 'creator', 'projection', 'parked', 'settings', 'integrity', 'people'].map(
      (name) => ({ path: `/console/${name}`, token: () => tokenOf(system.adminId, 'ADMIN') }),
    ),
  ];

  /** Serious findings, each with the first element that it is about. */
  async function findings(page: Page): Promise<string[]> {
    await page.evaluate(axe.source);
    const found = await page.evaluate<{ violations: Finding[] }>('axe.run(document, { resultTypes: ["violations"] })');
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
  }

  for (const [index, { path, token, isLive }] of pages.entries())
    it(`has no serious fault for who cannot see or point well, and fits: ${path} (${index + 1})`, async () => {
      const page = await browser.page();
      browser.expectErrors(page, /\/demo\/personas$/); // there are none outside a demonstration
      await page.clock.setFixedTime(system.now());
      for (const colorScheme of LIGHTS)
        for (const [device, width] of Object.entries(WIDTHS)) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await page.setViewportSize({ width, height: 800 });
          await page.goto(`http://127.0.0.1:${system.port}${path}${token ? `#token=${token()}` : ''}`);
          await page.locator('h1').first().waitFor();
          if (isLive) await page.getByText('Live', { exact: true }).waitFor();
          else await page.waitForLoadState('networkidle');
          const what = `${colorScheme}, ${device}`;
          expect(await findings(page), what).to.deep.equal([]);
          expect(await page.evaluate('document.documentElement.scrollWidth'), what).to.be.at.most(width);
          await page.goto('about:blank');
        }
      await browser.finish(page);
    });
});
