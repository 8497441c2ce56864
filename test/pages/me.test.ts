/** `/me` in a real browser: a fan writes, the creator answers, her dashboard moves by itself, and she is paid. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import {
  answered,
  creatorWithDms,
  fanWith,
  mayBePaid,
  PASSWORD,
  send,
  type Creator,
  type Person,
} from '../support/people.js';
import { openSystem, type TestSystem } from '../support/system.js';
import { inBrowser, openBrowser, SCRIPT, type TestBrowser } from './browser.js';

inBrowser('A person’s own page', () => {
  let system: TestSystem;
  let browser: TestBrowser;
  let anna: Creator;
  let finn: Person;
  const pages: Page[] = [];

  before(async () => {
    browser = await openBrowser();
    system = await openSystem();
  });
  after(async () => {
    await browser.close();
    await system.close();
  });
  let turn = 0;
  beforeEach(async () => {
    turn += 1;
    anna = await creatorWithDms(system, `anna${turn}`, 'PER_MESSAGE', 10);
    finn = await fanWith(system, `finn${turn}`, '50.00');
    await system.catchUp();
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await browser.finish(page);
    await stopFollowing();
  });

  /** From the first page on, the views follow each append, as where a projector runs. */
  let following: (() => void) | null = null;
  let followed: Promise<unknown> = Promise.resolve();
  const pass = (ms: number) => (followed = followed.then(() => system.pass(ms)));
  async function follow(): Promise<void> {
    following ??= system.stores.events.onAppend(() => void pass(0));
    await pass(0);
  }
  async function stopFollowing(): Promise<void> {
    following?.();
    following = null;
    await followed;
  }

  async function open(person: Person, path: string): Promise<Page> {
    await follow();
    const page = await browser.page();
    pages.push(page);
    await page.clock.setFixedTime(system.now());
    const token = system.bearer(person.userId).Authorization.slice('Bearer '.length);
    await page.goto(`http://127.0.0.1:${system.port}${path}#token=${token}`);
    await page.locator('.me h1').waitFor();
    return page;
  }
  const seen = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();
  const stat = (page: Page, name: string) => page.locator('.stat', { hasText: name }).locator('.value').first();
  /** The number comes without anything being done in the browser. */
  const comesTo = (page: Page, name: string, value: string) =>
    page.locator('.stat', { hasText: name }).locator('.value', { hasText: value }).first().waitFor();

  /** What a field holds from now on, frame by frame, without repetitions. */
  async function watched(page: Page, selector: string): Promise<() => Promise<string[]>> {
    // As text: the loader of the tests adds a helper to functions, which the page lacks.
    await page.evaluate(`globalThis.values = [];
      (function look() {
        const { value } = document.querySelector('${selector}');
        if (value !== values.at(-1)) values.push(value);
        requestAnimationFrame(look);
      })()`);
    return () => page.evaluate<string[]>('globalThis.values');
  }

  it('lets a fan write and read the answer, and moves the creator’s dashboard meanwhile', async () => {
    const hers = await open(anna, '/me');
    await seen(hers, 'Nobody waits for you');
    await hers.getByText('Live', { exact: true }).waitFor();
    expect(await stat(hers, 'Earned').innerText()).to.equal('$0.00');

    const his = await open(finn, '/me');
    await his.getByLabel("A creator's name").fill(anna.username);
    await his.keyboard.press('Enter');
    await his.getByLabel(`Your message to ${anna.username}`).fill(`May I ask? ${SCRIPT}`);
    await his.getByRole('button', { name: 'Send for $10.00' }).click();
    await seen(his, 'Your message is sent.');

    await seen(hers, `May I ask? ${SCRIPT}`);
    await comesTo(hers, 'Messages', '1');
    await hers.getByRole('button', { name: 'Reply' }).click();
    await hers.keyboard.type(`You may. ${SCRIPT}`);
    await hers.getByRole('button', { name: 'Send the answer' }).click();
    // 10.00 less 20 % commission.
    await comesTo(hers, 'Earned', '$8.00');
    await seen(hers, 'Nobody waits for you');

    const again = await open(finn, '/me');
    await seen(again, `You may. ${SCRIPT}`);
    await seen(again, `@${anna.username}`);
    expect(await stat(again, 'Balance').innerText()).to.equal('$40.00');
    for (const page of [hers, again]) expect(await page.title()).to.not.equal('stolen');
  });

  it('lets a fan rate the answer, once', async () => {
    await answered(finn, anna, 'PER_MESSAGE', 'first');
    await system.pass(0);
    const his = await open(finn, '/me');
    await his.getByRole('button', { name: 'Rate' }).first().click();
    await his.getByLabel('Stars').selectOption('4');
    await his.getByRole('button', { name: 'Rate it' }).click();
    await seen(his, 'Thank you.');
    await seen(his, 'You gave ★★★★');
    expect(await his.getByRole('button', { name: 'Rate' }).count()).to.equal(0);
    const again = await open(finn, '/me');
    await again.getByRole('button', { name: 'Rate' }).click();
    browser.expectErrors(again, /409/);
    await again.getByRole('button', { name: 'Rate it' }).click();
    await seen(again, /already/);
  });

  it('lets somebody unblock whom he has blocked, delete his account by its name, and take it back', async () => {
    await system.done(finn.post(`/users/block/${anna.userId}`), 200, ['UserBlocked']);
    await system.pass(0);
    const his = await open(finn, '/me/account');
    await his.getByRole('button', { name: `Unblock @${anna.username}` }).click();
    await seen(his, 'You may write to each other again.');
    await his.getByRole('button', { name: 'Delete my account' }).click();
    const dialog = his.getByRole('dialog');
    const remove = dialog.getByRole('button', { name: 'Delete my account' });
    await dialog.getByLabel('Type').fill('somebody');
    await remove.click();
    await seen(his, `That is not ${finn.username}.`);
    await dialog.getByLabel('Type').fill(finn.username);
    browser.expectErrors(his, /409/);
    await remove.click();
    await seen(his, 'There is money left');
    await dialog.getByLabel('Give up the money').check();
    await remove.click();
    await his.waitForURL((url) => url.pathname === '/');
    const again = await open(finn, '/me/account');
    await again.getByRole('button', { name: 'Take my account back' }).click();
    await seen(again, 'Your account stays.');
  });

  it('lets a creator reject, and gives the fan his money back', async () => {
    await send(finn, anna, 'PER_MESSAGE', 'Will you marry me?');
    await system.pass(0);
    const hers = await open(anna, '/me');
    await hers.getByRole('button', { name: 'Reject' }).click();
    await seen(hers, 'The fan gets $10.00 back.');
    await hers.getByLabel('Why?').fill('No, thank you');
    await hers.getByRole('button', { name: 'Reject and refund' }).click();
    await comesTo(hers, 'Response rate', '0 %');

    const his = await open(finn, '/me');
    await seen(his, 'Not answered, money back');
    expect(await stat(his, 'Balance').innerText()).to.equal('$50.00');
  });

  it('lets a creator request a payout, see it, save it in a file, and cancel it', async () => {
    for (const text of ['one', 'two']) {
      await answered(finn, anna, 'PER_MESSAGE', text);
      await system.pass(0);
    }
    await mayBePaid(system, anna);
    await system.pass(0);
    const page = await open(anna, '/me/money');
    browser.expectErrors(page, /payouts\/request/);
    await page.getByLabel('Amount in dollars').fill('99,00');
    await page.getByRole('button', { name: 'Request the payout' }).click();
    await seen(page, 'The wallet can pay out 16.00 at most.');
    await page.getByLabel('Amount in dollars').fill('12,50');
    await page.getByRole('button', { name: 'Request the payout' }).click();
    await seen(page, 'Your payout is requested.');
    await comesTo(page, 'Payouts pending', '1');
    // So that there is a second page: the first one again.
    await page.route(/\/payouts\?.*limit=100/, async (route) => {
      const url = new URL(route.request().url());
      const isSecond = url.searchParams.has('cursor');
      url.searchParams.delete('cursor');
      const response = await route.fetch({ url: url.href });
      const body = (await response.json()) as { data: object };
      await route.fulfill({
        response,
        json: { ...body, data: { ...body.data, nextCursor: isSecond ? null : 'second' } },
      });
    });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).to.equal('payouts.csv');
    const [head, row, again, ...others] = readFileSync(await download.path(), 'utf8').split('\r\n');
    expect(head).to.equal('id,amount,method,status,createdAt,approvedAt,closedAt');
    expect(row).to.match(/^[0-9a-f-]{36},12\.50,\w+,PENDING,[0-9T:.-]+Z,,$/);
    expect(again).to.equal(row);
    expect(others).to.deep.equal(['']);
    await page.getByRole('button', { name: 'Cancel the payout of $12.50' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Cancel the payout' }).click();
    await comesTo(page, 'Payouts pending', '0');
    await seen(page, 'Cancelled');
    // Both answers, 8.00 each, under what moved.
    expect(await page.locator('.gain').allInnerTexts()).to.deep.equal(['+$8.00', '+$8.00']);
  });

  it('lets a creator change her page, its links and her price, and shows what is stored as text', async () => {
    const page = await open(anna, '/me/page');
    browser.expectErrors(page, /dm-config/);
    await page.getByLabel('Bio').fill(`Recipes ${SCRIPT}`);
    await page.getByRole('button', { name: 'Save' }).nth(1).click();
    await seen(page, 'Your page shows it.');
    for (const title of [`First ${SCRIPT}`, 'Second']) {
      await page.getByRole('button', { name: 'Add a link' }).click();
      await page.getByRole('textbox', { name: 'Title' }).fill(title);
      await page.getByRole('textbox', { name: 'Address' }).fill('https://anna.example/');
      await page.keyboard.press('Enter');
      await page.locator('dialog').waitFor({ state: 'detached' });
      await seen(page, title);
    }
    await page.getByRole('button', { name: 'Move up: Second' }).click();
    await page.locator('ol > li', { hasText: 'Second' }).first().and(page.locator('ol > li').first()).waitFor();
    const shown = await watched(page, '[name=dmPrice]');
    await stopFollowing();
    await page.getByLabel('Price in dollars').fill('7');
    const stored = page.waitForResponse(/dm-config/);
    await page.getByRole('button', { name: 'Save' }).first().click();
    await (await stored).finished();
    for (const _ of [1, 2]) await page.evaluate('new Promise(requestAnimationFrame)');
    await follow();
    await seen(page, 'It holds for the next message.');
    // The old price does not come back between what was entered and what is stored, however late a view is.
    await page.waitForFunction("document.querySelector('[name=dmPrice]').value === '7.00'");
    expect(await shown()).to.deep.equal(['10.00', '7', '7.00']);
    await page.getByLabel('Price in dollars').fill('600');
    await page.getByRole('button', { name: 'Save' }).first().click();
    await seen(page, /The price must be from 1/);
    await page.getByRole('button', { name: 'Go on vacation' }).click();
    await seen(page, 'Nobody can write to you now.');
    expect(await page.title()).to.not.equal('stolen');

    const his = await open(finn, `/me?to=${anna.username}`);
    await seen(his, `Recipes ${SCRIPT}`);
    await seen(his, 'Takes no messages now');
  });

  it('makes a referral link when it is wanted, and shows its address', async () => {
    const page = await open(finn, '/me/referrals');
    await page.getByRole('button', { name: 'Get my link' }).click();
    const link = page.getByLabel('Your referral link');
    await link.waitFor();
    expect(await link.inputValue()).to.match(new RegExp(`/ref/${finn.username}$`));
  });

  it('makes a creator of a fan, who loads her wallet before', async () => {
    const page = await open(finn, '/me');
    await page.getByRole('button', { name: '$10.00', exact: true }).click();
    await page.getByRole('button', { name: 'Load the wallet' }).click();
    const checkout = page.getByRole('link', { name: 'Pay at the checkout' });
    await checkout.waitFor();
    expect(await checkout.getAttribute('href')).to.match(/^https?:\/\//);
    await page.getByLabel('Name on your page').fill('Finn');
    await page.getByRole('button', { name: 'Become a creator' }).click();
    await page.getByRole('heading', { name: 'My page' }).waitFor();
  });

  it('lists where one is logged in, ends a session, and logs out everywhere', async () => {
    const credentials = { email: finn.email, password: PASSWORD };
    await system.anybody.post('/auth/login', credentials, { 'User-Agent': 'Another phone' });
    const page = await browser.page();
    pages.push(page);
    browser.expectErrors(page, /auth\/refresh|users\/me/);
    await page.clock.setFixedTime(system.now());
    await page.goto(`http://127.0.0.1:${system.port}/login?next=/me/account`);
    await page.getByLabel('E-mail address').fill(finn.email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await seen(page, 'This one');
    const sessions = page.locator('section', { hasText: 'Where you are logged in' }).locator('li');
    expect(await sessions.count()).to.equal(2);
    await page.getByRole('button', { name: /^End the session/ }).click();
    await seen(page, 'That session has ended.');
    expect(await sessions.count()).to.equal(1);
    await page.getByRole('button', { name: 'Log out everywhere' }).click();
    await seen(page, 'You are logged out everywhere.');
    // No cookie goes on with it, in no window.
    await page.goto(`http://127.0.0.1:${system.port}/me/account`);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
  });

  it('leads to the login and back where a token has ended', async () => {
    const page = await open(finn, '/me/account');
    browser.expectErrors(page, /401/);
    await pass(20 * 60_000);
    await page.getByRole('link', { name: 'Messages' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await seen(page, 'Your session has ended.');
    expect(new URL(page.url()).searchParams.get('next')).to.equal('/me');
  });
});
