/** What surrounds every page: header with the ways to the others, notices, footer. */
import { html, nothing, repeat, type TemplateResult } from '../vendor/lit.js';
import type { App, Notice } from '../app/app.js';
import { words } from '../app/format.js';
import { button } from './parts.js';

export interface Frame {
  readonly app: App;
  readonly path: string;
  readonly notices: readonly Notice[];
  readonly close: (notice: Notice) => void;
}

export function layout({ app, path, notices, close }: Frame, content: TemplateResult): TemplateResult {
  return html`<a class="skip" href="#main">Skip to the content</a>
    <header class="top">
      <div class="inner">
        <a class="brand" href="/">${mark()}<span>Creator dashboards</span></a>
        <nav aria-label="Pages">${links(app).map(([href, text]) => wayTo(href, text, path))}</nav>
        ${account(app)}
      </div>
    </header>
    <main id="main" tabindex="-1">${content}</main>
    <footer class="bottom">
      <div class="inner">
        <span>Every number can be explained from its history.</span>
        <span><a href="/docs">API</a> <a href="/readyz">Health</a></span>
      </div>
    </footer>
    <div class="notices" role="region" aria-label="Notices" aria-live="polite">
      ${repeat(
        notices,
        (notice) => notice,
        (notice) =>
          html`<div class="notice ${notice.tone}" role=${notice.tone === 'bad' ? 'alert' : 'status'}>
            <p>${notice.text}</p>
            ${button({ text: '×', label: 'Close', kind: 'quiet', isSmall: true, onClick: () => close(notice) })}
          </div>`,
      )}
    </div>`;
}

function links({ session }: App): readonly (readonly [href: string, text: string])[] {
  const role = session.who()?.role;
  if (role === undefined) return [['/docs', 'API']];
  return role === 'USER' ? [['/me', 'My dashboard']] : [['/console', 'Console']];
}

function wayTo(href: string, text: string, path: string): TemplateResult {
  const isHere = path === href || path.startsWith(`${href}/`);
  return html`<a href=${href} aria-current=${isHere ? 'page' : 'false'}>${text}</a>`;
}

function account(app: App): TemplateResult {
  const who = app.session.who();
  if (who === null) return html`<a class="button secondary small" href="/login">Log in</a>`;
  const leave = async () => {
    await app.session.logout('here').catch(() => undefined);
    app.go('/');
  };
  return html`<div class="account">
    ${who.role === 'USER' ? nothing : html`<span class="badge accent">${words(who.role)}</span>`}
    ${button({ text: 'Log out', kind: 'quiet', isSmall: true, onClick: () => void leave() })}
  </div>`;
}

function mark(): TemplateResult {
  return html`<svg viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="9"></rect>
    <path d="M9 22v-5M16 22V10M23 22v-8"></path>
  </svg>`;
}
