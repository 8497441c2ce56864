/** The creator's dashboard: how she stands, and who waits for an answer. */
import { follow } from '../app/followed.js';
import { count, money, words } from '../app/format.js';
import { after } from '../surroundings.js';
import { badge, card, meter, shown, skeleton, stat } from '../ui/parts.js';
import type { DataOf } from '../vendor/client.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';
import { createInbox } from './inbox.js';
import { liveBadge, repairNotice } from './liveness.js';
import { priceText } from './price.js';
import type { Me, Tab } from './tab.js';

type Dashboard = DataOf<'/creators/dashboard', 'get'>;

const BEHIND_MS = 1_500;

export function openDashboard({ app, account }: Me): Tab {
  const inbox = createInbox(app);
  let cancel: () => void = () => undefined;
  const followed = follow(app, ['creatorDashboard'], () => {
    void inbox.load();
    // Messages are another view, which may be a moment behind this one.
    cancel();
    cancel = after(BEHIND_MS, () => void inbox.load());
  });
  const dashboard = followed.of.creatorDashboard;
  return {
    leave() {
      cancel();
      followed.stop();
      inbox.stop();
    },
    view: () =>
      html`<div class="page-head">
          <h1>Hello, ${account.displayName ?? account.username ?? 'you'}</h1>
          ${liveBadge(followed)}
        </div>
        ${repairNotice(followed)}
        <div class="stack">
          ${shown(dashboard, (data) => html`${standing(data)} ${level(data)}`, card({}, skeleton(5)))} ${inbox.view()}
        </div>`,
  };
}

function standing(data: Dashboard): TemplateResult {
  const { walletFrozen, pendingPayouts, dmActive } = data;
  const payouts = pendingPayouts === 0 ? 'no payout is pending' : `${count(pendingPayouts)} pending`;
  return card(
    {},
    html`<dl class="stats">
      ${stat('Earned', money(data.totalEarnings), `after ${data.commissionRate} % commission`)}
      ${stat(
        'Wallet',
        html`${money(data.walletBalance)} ${walletFrozen ? badge('Frozen', 'bad') : nothing}`,
        html`<a href="/me/money">${walletFrozen ? 'why, and what now' : 'payouts'}</a>: ${payouts}`,
      )}
      ${stat('Response rate', `${data.responseRate} %`, 'of the messages that came to an end')}
      ${stat(
        'Messages',
        count(data.totalMessages),
        dmActive
          ? html`new ones: ${data.dmType === null ? '' : priceText(data.dmType, data.dmPrice)}`
          : html`switched off, <a href="/me/page">switch them on</a>`,
      )}
    </dl>`,
  );
}

function level({ level, nextLevel, nextLevelProgress, nextLevelRequirements }: Dashboard): TemplateResult {
  const title = html`<span class="level ${level.toLowerCase()}">${words(level)}</span>`;
  if (nextLevel === null || nextLevelRequirements === null)
    return card(
      { title: 'Your level', aside: title },
      html`<p class="quiet">There is none above it. Thank you for every answer.</p>`,
    );
  const { messages, earnings } = nextLevelRequirements;
  const amount = (value: number) => money(value.toFixed(2));
  return card(
    { title: 'Your level', aside: title },
    html`<p class="toward">
        <b>${nextLevelProgress} %</b> of the way to ${words(nextLevel)}
        <span class="quiet">– once both are reached</span>
      </p>
      <div class="gates">
        ${gate('Messages', count(messages.current), count(messages.required), share(messages))}
        ${gate('Earned', amount(earnings.current), amount(earnings.required), share(earnings))}
      </div>`,
  );
}

function share({ current, required }: { readonly current: number; readonly required: number }): number {
  return required <= 0 ? 100 : Math.max(0, Math.min(100, (100 * current) / required));
}

function gate(name: string, current: string, required: string, percent: number): TemplateResult {
  return html`<div>
    <p class="gate"><span>${name}</span><span class="number">${current} of ${required}</span></p>
    ${meter(`${name}: ${current} of ${required}`, percent)}
  </div>`;
}
