/** A real browser for tests of pages. */
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));

/** Stored as text by somebody, it renames a page that takes it for more. */
export const SCRIPT = '<script>document.title = "stolen"</script><img src=x onerror="document.title = \'stolen\'">';

/** The pages that are open, to be told where a test failed. */
const open = new Set<Page>();

/** A `describe` that is left out, with a word, where there is no Chromium. A test that fails says what its pages showed. */
export function inBrowser(title: string, tests: () => void): void {
  if (CHROMIUM)
    describe(title, () => {
      afterEach(async function () {
        if (this.currentTest?.state !== 'failed') return;
        for (const page of open)
          console.error(`\n${page.url()} showed when the test failed:\n${await page.locator('body').innerText()}\n`);
      });
      tests();
    });
  else console.warn(`${title}: not tried, there is no Chromium here (apt-get install chromium).`);
}

export type TestBrowser = Awaited<ReturnType<typeof openBrowser>>;

export async function openBrowser() {
  const { buildPages } = (await import(join(import.meta.dirname, '../../pages/build.mjs'))) as {
    buildPages(to: string): Promise<void>;
  };
  await buildPages(join(import.meta.dirname, '../../pages/dist'));
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  const troubles = new Map<Page, string[]>();
  const expected = new Map<Page, RegExp>();
  return {
    async page(): Promise<Page> {
      const context = await browser.newContext();
      const page = await context.newPage();
      const said: string[] = [];
      open.add(page);
      page.on('close', () => void open.delete(page));
      troubles.set(page, said);
      page.on(
        'console',
        (message) => void (message.type() === 'error' && said.push(`${message.text()} ${message.location().url}`)),
      );
      page.on('pageerror', (error) => said.push(String(error)));
      page.on(
        'request',
        (request) => void (new URL(request.url()).hostname !== '127.0.0.1' && said.push(request.url())),
      );
      page.setDefaultTimeout(20_000);
      return page;
    },
    /** Errors of the browser's console that belong to what is tried on this page. */
    expectErrors(page: Page, pattern: RegExp): void {
      expected.set(page, pattern);
    },
    /** Nothing else went wrong on this page, and nothing was asked of another host. */
    async finish(page: Page): Promise<void> {
      await page.context().close();
      const left = (troubles.get(page) ?? []).filter((trouble) => !expected.get(page)?.test(trouble));
      expect(left).to.deep.equal([]);
    },
    close: () => browser.close(),
  };
}
