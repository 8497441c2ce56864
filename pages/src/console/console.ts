/** The console: one screen that shows the page its address names, keeps it fresh, and listens to the keys. */
import type { App, OpenScreen, Screen } from '../app/app.js';
import { explained } from '../app/errors.js';
import { after, now as present } from '../surroundings.js';
import { Unauthorized } from '../vendor/client.js';
import { html, type TemplateResult } from '../vendor/lit.js';
import { askFor } from './ask.js';
import { href, queryOf, type Around, type Page } from './console-page.js';
import type { Query } from './models/query.js';
import { listenToKeys } from './keys.js';
import { typedFilters } from './models/chips.js';
import { isForEvents, placeOf, type Place as Finding } from './models/places.js';
import { createCounting } from './counting.js';
import { cause } from './pages/cause.js';
import { creator } from './pages/creator.js';
import { events } from './pages/events.js';
import { integrity } from './pages/integrity.js';
import { now } from './pages/now.js';
import { parked } from './pages/parked.js';
import { people } from './pages/people.js';
import { projection } from './pages/projection.js';
import { settings } from './pages/settings.js';
import { todo } from './pages/todo.js';
import { saveFile } from './saving.js';
import { barOf, help } from './shell.js';

const HOME = 'now';
const PAGES: Readonly<Record<string, Page>> = {
  ...{ todo, now, events, cause, creator, projection, parked, settings, integrity, people },
};

interface State {
  query: Query;
  /** How the page shows what it has loaded; null while nothing came yet. */
  show: ((around: Around) => TemplateResult) | null;
  error: string | null;
  findings: readonly Finding[] | null;
  /** How much there is to do; null where it is not known. */
  waiting: number | null;
}

export const openConsole: OpenScreen = (app, place): Screen => {
  const state: State = {
    ...{ query: queryOf(place), show: null, error: null, findings: null, waiting: null },
  };
  const change = (changes: Partial<State>) => {
    Object.assign(state, changes);
    app.redraw();
  };
  const nameOf = ({ page }: Query) => (page !== undefined && page in PAGES ? page : HOME);
  const pageNow = () => PAGES[nameOf(state.query)] as Page;
  const counting = createCounting(app.client, (waiting) => change({ waiting }));
  const loading = createLoading(app, state, change, pageNow);
  /** After an action there may be less to do. */
  const reload = async () => {
    void counting.look();
    await loading.load();
  };
  const go = (to: Query, how?: 'replace') => app.go(href(to), { replace: how === 'replace' });
  const mayAct = app.session.who()?.role === 'ADMIN';

  const around = (): Around => ({
    ...{ query: state.query, client: app.client, go, mayAct, now: present(), reload },
    ask: (action) => void askFor(action).then((to) => (to === 'again' ? reload() : to && go(to))),
    save: (path, query, name) => saveFile(app, path, query, name),
  });

  async function search(text: string): Promise<void> {
    if (text === '') return;
    if (isForEvents(text)) return go({ page: 'events', ...(typedFilters(text) as Query) });
    try {
      const { items } = await app.client.post('/admin/search', { body: { q: text } });
      const findings = items.map(placeOf);
      const [only] = findings;
      if (only && findings.length === 1) go(only.query);
      else change({ findings });
    } catch (error) {
      app.fail(error);
    }
  }

  function main(): TemplateResult {
    if (state.error !== null) return html`<p class="trouble card" role="alert">${state.error}</p>`;
    if (state.show === null) return html`<p class="none" role="status">…</p>`;
    return state.show(around());
  }

  const silence = listenToKeys({
    help: () => document.getElementById('help')?.showPopover(),
    escape() {
      if (state.findings) change({ findings: null });
      else document.querySelector<HTMLElement>('.drawer .close')?.click();
    },
  });
  void loading.load();
  void counting.look();
  return {
    get title() {
      return pageNow().title;
    },
    moved(to) {
      const query = queryOf(to);
      const isOther = nameOf(query) !== nameOf(state.query);
      change({ query, findings: null, ...(isOther && { show: null, error: null }) });
      void loading.load();
    },
    leave() {
      silence();
      loading.stop();
      counting.stop();
    },
    view: () =>
      html`<div class="console">
        ${barOf({
          ...{ here: nameOf(state.query), findings: state.findings },
          pages: Object.entries(PAGES).map(([name, { title }]) => ({
            ...{ name, title, count: name === 'todo' ? state.waiting : null },
          })),
          search: (text) => void search(text),
        })}
        <div class="console-main">${main()}</div>
        ${help}
      </div>`,
  };
};

/** Loads the page that is looked at, and again after its time. Of two loads the later one counts. */
function createLoading(app: App, state: State, change: (changes: Partial<State>) => void, pageNow: () => Page) {
  let turn = 0;
  let cancel: () => void = () => undefined;

  async function load(): Promise<void> {
    const mine = ++turn;
    cancel();
    const page = pageNow();
    const settle = (changes: Partial<State>) => {
      if (mine !== turn) return;
      change(changes);
      if (page.everyMs !== undefined) cancel = after(page.everyMs, again);
    };
    try {
      settle({ show: await page.load(app.client, state.query), error: null });
    } catch (error) {
      if (mine === turn && error instanceof Unauthorized) app.fail(error);
      settle({ error: explained(error) });
    }
  }

  /** A page that nobody looks at is not loaded until somebody does. */
  function again(): void {
    if (!document.hidden) return void load();
    document.addEventListener('visibilitychange', () => void load(), { once: true });
  }

  return {
    load,
    stop() {
      turn++;
      cancel();
    },
  };
}
