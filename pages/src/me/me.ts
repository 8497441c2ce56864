/** A person's own page: her dashboard where she is a creator, what she sends and reads as a fan, and her account. */
import type { App, Screen } from '../app/app.js';
import type { Place } from '../app/place.js';
import { createResource } from '../app/resource.js';
import { shown } from '../ui/parts.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';
import { openAccount } from './account.js';
import { openDashboard } from './dashboard.js';
import { openMoney } from './money.js';
import { openOwnPage } from './own-page.js';
import { openReferrals } from './referrals.js';
import { openSent } from './sent.js';
import type { Account, OpenTab, Tab } from './tab.js';

interface Entry {
  readonly path: string;
  readonly title: string;
  readonly open: OpenTab;
}

const COMMON: readonly Entry[] = [
  { path: '/me/referrals', title: 'Referrals', open: openReferrals },
  { path: '/me/account', title: 'Account', open: openAccount },
];
const CREATOR: readonly Entry[] = [
  { path: '/me', title: 'Dashboard', open: openDashboard },
  { path: '/me/money', title: 'Money', open: openMoney },
  { path: '/me/page', title: 'My page', open: openOwnPage },
  { path: '/me/sent', title: 'Sent', open: openSent },
  ...COMMON,
];
const FAN: readonly Entry[] = [{ path: '/me', title: 'Messages', open: openSent }, ...COMMON];

export function openMe(app: App, place: Place): Screen {
  let here = place;
  let open: { readonly entry: Entry; readonly tab: Tab } | null = null;
  const account = createResource(app, (signal) => app.client.get('/users/me', { signal }));
  const load = async () => {
    await account.load();
    arrive();
  };

  function arrive(): void {
    const { data } = account;
    if (data === undefined) return;
    const entry = entryAt(data, here.path);
    open?.tab.leave();
    open = { entry, tab: entry.open({ app, account: data, query: here.query, reload: load }) };
    app.redraw();
  }

  void load();
  return {
    get title() {
      return open?.entry.title ?? 'My dashboard';
    },
    moved(to) {
      here = to;
      arrive();
    },
    leave() {
      account.stop();
      open?.tab.leave();
    },
    view: () =>
      html`<div class="page me">
        ${shown(account, (data) => html`${tabs(data, open?.entry)} ${open === null ? nothing : open.tab.view()}`)}
      </div>`,
  };
}

const entriesOf = ({ creatorId }: Account) => (creatorId === null ? FAN : CREATOR);

/** The first where the address names none that this person has. */
function entryAt(account: Account, path: string): Entry {
  const [first, ...others] = entriesOf(account) as [Entry, ...Entry[]];
  return others.find((entry) => entry.path === path) ?? first;
}

function tabs(account: Account, here: Entry | undefined): TemplateResult {
  return html`<nav class="tabs" aria-label="My pages">
    ${entriesOf(account).map(
      (entry) =>
        html`<a href=${entry.path} aria-current=${entry.path === here?.path ? 'page' : 'false'}>${entry.title}</a>`,
    )}
  </nav>`;
}
