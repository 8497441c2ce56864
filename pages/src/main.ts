/** The pages: which there are, and going from one to another without loading anew. */
import type { App, Notice, OpenScreen, Screen } from './app/app.js';
import { explained, hasEnded } from './app/errors.js';
import { placeOf } from './app/place.js';
import { createSession } from './app/session.js';
import { after } from './surroundings.js';
import { layout } from './ui/layout.js';
import { empty, failure, skeleton } from './ui/parts.js';
import { html, render } from './vendor/lit.js';

interface Entry {
  /** Where it is, and all below with `below`. */
  readonly path: string;
  readonly below?: true;
  /** Who may look; anybody unless given. */
  readonly who?: 'user' | 'staff';
  readonly load: () => Promise<OpenScreen>;
}

/** The server answers the shell at the same paths (`query-service/src/routes/site.ts`). */
const ENTRIES: readonly Entry[] = [
  { path: '/', load: async () => (await import('./home/home.js')).openHome },
  { path: '/login', load: async () => (await import('./access/access.js')).openLogin },
  {
    path: '/auth/reset-password',
    load: async () => (await import('./access/access.js')).openResetPassword,
  },
  { path: '/auth/verify-email', load: async () => (await import('./access/access.js')).openVerifyEmail },
  { path: '/me', below: true, who: 'user', load: async () => (await import('./me/me.js')).openMe },
  { path: '/console', below: true, who: 'staff', load: async () => (await import('./console/console.js')).openConsole },
];

const NOTICE_MS = 6_000;

const session = createSession();
const root = document.getElementById('app') as HTMLElement;
let notices: readonly Notice[] = [];
let open: { readonly entry: Entry; readonly screen: Screen } | null = null;
let isDrawn = true;
/** Counts the openings: what loads for an earlier one does not matter any more. */
let opening = 0;

const app: App = {
  client: session.client,
  session,
  redraw() {
    if (isDrawn) queueMicrotask(draw);
    isDrawn = false;
  },
  go(href, { replace = false } = {}) {
    if (replace) history.replaceState(null, '', href);
    else history.pushState(null, '', href);
    void arrive();
  },
  tell(notice) {
    notices = [...notices, notice];
    if (notice.tone !== 'bad') after(NOTICE_MS, () => close(notice));
    app.redraw();
  },
  fail(error) {
    if (!hasEnded(error)) return app.tell({ tone: 'bad', text: explained(error) });
    // Several calls may be refused at once.
    if (location.pathname === '/login') return;
    session.forget();
    app.tell({ tone: 'plain', text: explained(error) });
    toLogin();
  },
};

function close(notice: Notice): void {
  notices = notices.filter((each) => each !== notice);
  app.redraw();
}

function draw(): void {
  isDrawn = true;
  const content = open?.screen.view() ?? html`<div class="page">${skeleton(6)}</div>`;
  document.title = open === null ? 'Creator dashboards' : `${open.screen.title} · Creator dashboards`;
  render(layout({ app, path: location.pathname, notices, close }, content), root);
}

/** Shows what the address says. */
async function arrive(): Promise<void> {
  const place = placeOf(location);
  const entry = ENTRIES.find(({ path, below }) => place.path === path || (below && place.path.startsWith(`${path}/`)));
  if (open !== null && open.entry === entry && open.screen.moved) {
    open.screen.moved(place);
    return app.redraw();
  }
  const mine = (opening += 1);
  open?.screen.leave?.();
  open = null;
  if (entry?.who && session.who() === null) return toLogin();
  app.redraw();
  const screen = entry ? await opened(entry) : missing;
  if (mine !== opening) return;
  open = { entry: entry ?? NOWHERE, screen };
  app.redraw();
  scrollTo(0, 0);
}

const NOWHERE: Entry = { path: '', load: async () => () => missing };

async function opened(entry: Entry): Promise<Screen> {
  const isStaff = session.who()?.role !== 'USER';
  if (entry.who && isStaff !== (entry.who === 'staff')) return forOthers(entry.who);
  try {
    return (await entry.load())(app, placeOf(location));
  } catch (error) {
    return { title: 'Trouble', view: () => html`<div class="page">${failure(error, () => location.reload())}</div>` };
  }
}

function toLogin(): void {
  app.go(`/login?${String(new URLSearchParams({ next: location.pathname + location.search }))}`, { replace: true });
}

const missing: Screen = {
  title: 'Not found',
  view: () =>
    html`<div class="page">
      ${empty('There is no such page', 'The address may be old, or mistyped.', html`<a class="button" href="/">To the start</a>`)}
    </div>`,
};

function forOthers(who: 'user' | 'staff'): Screen {
  const text =
    who === 'staff'
      ? 'Log in with a role of staff to see it.'
      : 'You are logged in as staff; log in as a person to see it.';
  const link = html`<a class="button" href="/login">Log in</a>`;
  return {
    title: 'Not for you',
    view: () => html`<div class="page">${empty('This page is for others', text, link)}</div>`,
  };
}

/** A link to a page of ours is followed here; all others by the browser. */
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !isPlain || event.defaultPrevented || link.target !== '' || link.origin !== location.origin) return;
  const isOurs = ENTRIES.some(
    ({ path, below }) => link.pathname === path || (below && link.pathname.startsWith(`${path}/`)),
  );
  if (!isOurs || link.hash !== '') return;
  event.preventDefault();
  const before = location.pathname;
  app.go(link.pathname + link.search);
  if (before !== link.pathname) document.getElementById('main')?.focus();
});
addEventListener('popstate', () => void arrive());

draw();
await session.start();
await arrive();
