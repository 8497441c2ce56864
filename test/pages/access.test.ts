/** Logging in, and what mailed links lead to, in a real browser. */
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { PASSWORD, register, type Person } from '../support/people.js';
import { openSystem, type TestSystem } from '../support/system.js';
import { inBrowser, openBrowser, type TestBrowser } from './browser.js';

const PROOF = '/auth/verify-email';
const RESET = '/auth/reset-password';
const NEW = 'Better-horse-2';

inBrowser('The pages before a login', () => {
  let system: TestSystem;
  let browser: TestBrowser;
  let page: Page;
  let anna: Person;
  let mails: string[];
  /** Every address that the browser asked for. */
  let asked: string[];

  before(async () => {
    browser = await openBrowser();
    system = await openSystem();
    const send = async ({ text }: { readonly text: string }) => void mails.push(text);
    Object.assign(system.commands.service.providers.mail, { trustsAddresses: false, send });
  });
  after(async () => {
    await browser.close();
    await system.close();
  });
  let turn = 0;
  beforeEach(async () => {
    mails = [];
    asked = [];
    anna = await register(system, `anna${(turn += 1)}`);
    page = await browser.page();
    page.on('request', (request) => void asked.push(request.url()));
    await page.clock.setFixedTime(system.now());
  });
  afterEach(() => browser.finish(page));

  const visit = (path: string) => page.goto(`http://127.0.0.1:${system.port}${path}`);
  const seen = (text: string) => page.getByText(text).first().waitFor();
  async function logIn(password: string): Promise<void> {
    await page.getByRole('textbox', { name: 'E-mail address' }).fill(anna.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.keyboard.press('Enter');
  }
  /** Where the newest mail leads that has a link to this page. */
  async function mailedPath(page: string): Promise<string> {
    await system.pass(0);
    const [, path] =
      new RegExp(`https?://[^/]+(${page}#\\S+)`).exec(mails.findLast((mail) => mail.includes(page)) ?? '') ?? [];
    if (path === undefined) throw new Error(`no mail leads to ${page}`);
    return path;
  }
  const tokenIn = (path: string) => path.slice(path.indexOf('#token=') + '#token='.length);

  it('lead back to where one wanted to go, with the whole address', async () => {
    await visit(await mailedPath(PROOF));
    await seen('Your address is confirmed');
    await visit('/me/account?a=b');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await logIn(PASSWORD);
    await page.waitForURL('**/me/account?a=b');
    await page.getByRole('button', { name: 'Log out' }).first().waitFor();
  });

  it('say what is wrong with a login, and send the proof of an address again', async () => {
    browser.expectErrors(page, /401|403/);
    await visit('/login');
    await logIn('Wrong-horse-1');
    await seen('E-mail address or password is wrong.');
    await logIn(PASSWORD);
    await seen('The e-mail address is not verified yet.');
    mails = [];
    await page.getByRole('link', { name: 'Have the link sent again' }).click();
    await page.getByRole('textbox', { name: 'E-mail address' }).fill(anna.email);
    await page.keyboard.press('Enter');
    await seen('a link is on its way');
    const path = await mailedPath(PROOF);
    await visit(path);
    await seen('Your address is confirmed');
    expect(page.url()).to.not.include(tokenIn(path));
  });

  it('change a forgotten password by the mailed link, once, and name its token in no address', async () => {
    browser.expectErrors(page, /400/);
    await visit('/login');
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByRole('textbox', { name: 'E-mail address' }).fill(anna.email);
    await page.keyboard.press('Enter');
    await seen('a link is on its way');
    const path = await mailedPath(RESET);
    await visit(path);
    await page.getByRole('textbox', { name: 'New password' }).fill(NEW);
    await page.getByRole('textbox', { name: 'The same again' }).fill(`${NEW}x`);
    await page.keyboard.press('Enter');
    await seen('The two passwords differ');
    await page.getByRole('textbox', { name: 'The same again' }).fill(NEW);
    await page.keyboard.press('Enter');
    await seen('Your password is changed');
    expect(page.url()).to.not.include(tokenIn(path));

    await page.getByRole('link', { name: 'Log in' }).last().click();
    await logIn(NEW);
    await page.waitForURL('**/me');

    await visit('/');
    await visit(path);
    await page.getByRole('textbox', { name: 'New password' }).fill(PASSWORD);
    await page.getByRole('textbox', { name: 'The same again' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await seen('This link does not work any more');
    expect(asked.filter((address) => address.includes(tokenIn(path)))).to.deep.equal([]);
  });

  it('go on with the session of the browser, and end it', async () => {
    await visit(await mailedPath(PROOF));
    await seen('Your address is confirmed');
    await visit('/login');
    await logIn(PASSWORD);
    await page.waitForURL('**/me');
    await page.reload();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL(`http://127.0.0.1:${system.port}/`);
    await visit('/me');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
  });
});
