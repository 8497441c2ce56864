/** The link that brings friends, and what they brought. */
import { follow } from '../app/followed.js';
import { count, dayAndTime, money } from '../app/format.js';
import { createResource } from '../app/resource.js';
import { badge, button, card, empty, shown, stat } from '../ui/parts.js';
import type { DataOf } from '../vendor/client.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';
import { liveBadge, repairNotice } from './liveness.js';
import type { Me, Tab } from './tab.js';

type Referrals = DataOf<'/referral/dashboard', 'get'>;

const TRIGGERS: Readonly<Record<Referrals['rewards'][number]['triggerType'], string>> = {
  REGISTRATION: 'A friend joined',
  FIRST_PAYMENT: 'First payment of a friend',
  RECURRING_PAYMENT: 'A friend paid again',
};

export function openReferrals({ app }: Me): Tab {
  const followed = follow(app, ['referralDashboard'], () => void fetchAddress());
  const dashboard = followed.of.referralDashboard;
  /** This GET makes the link where there is none, so it is asked only when there is one, or when she wants it. */
  const address = createResource(app, (signal) => app.client.get('/referral/link', { signal }));

  async function fetchAddress(): Promise<void> {
    const isThere = (dashboard.data?.link ?? null) !== null;
    if (isThere && address.data?.code !== dashboard.data?.link?.code && !address.isLoading) await address.load();
  }
  async function make(): Promise<void> {
    await address.load();
    await dashboard.load();
  }
  async function copy(link: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(link);
      app.tell({ tone: 'good', text: 'The link is copied.' });
    } catch {
      document.querySelector<HTMLInputElement>('#referral-link')?.select();
      app.tell({ tone: 'plain', text: 'The link is marked. Copy it with the keys or the menu of your browser.' });
    }
  }

  const linkCard = (link: Referrals['link']): TemplateResult =>
    card(
      { title: 'Your link', aside: link && !link.active ? badge('Switched off', 'warn') : nothing },
      link === null
        ? empty(
            'You have no link yet',
            'Whoever joins by it counts as your friend, and pays you a share of the commission.',
            button({ text: 'Get my link', kind: 'primary', isBusy: address.isLoading, onClick: () => void make() }),
          )
        : html`${shown(
              address,
              (data) =>
                html`<div class="copy">
                  <input id="referral-link" readonly aria-label="Your referral link" .value=${data.link ?? ''} />
                  ${button({ text: 'Copy', kind: 'primary', onClick: () => void copy(data.link ?? '') })}
                </div>`,
            )}
            ${link.active ? nothing : html`<p class="hint">The platform has switched it off: nobody can join by it now, and it earns nothing. Ask support why.</p>`}
            <dl class="stats">
              ${stat('Clicks', count(link.clicks))} ${stat('Joined', count(link.signups))}
              ${stat('Paid', count(link.conversions))}
              ${stat('Earned', money(link.totalEarnings), 'less what was taken back')}
            </dl>`,
    );

  const rewards = ({ rewards: rows }: Referrals): TemplateResult =>
    card(
      { title: 'Rewards', aside: html`<span class="quiet small">the newest 50</span>` },
      rows.length === 0
        ? empty('No rewards yet', 'The first comes when a friend who joined by your link pays for a message.')
        : html`<ul class="lines">
            ${rows.map(
              ({ triggerType, createdAt, amount }) =>
                html`<li>
                  <p>
                    ${TRIGGERS[triggerType]}<br /><time class="quiet small" datetime=${createdAt}
                      >${dayAndTime(createdAt)}</time
                    >
                  </p>
                  <b class="number">${amount === '0' ? nothing : money(amount)}</b>
                </li>`,
            )}
          </ul>`,
    );

  return {
    leave() {
      followed.stop();
      address.stop();
    },
    view: () =>
      html`<div class="page-head">
          <h1>Referrals</h1>
          ${liveBadge(followed)}
        </div>
        ${repairNotice(followed)}
        <div class="stack">
          ${shown(dashboard, (data) => html`${linkCard(data.link)} ${data.link === null ? nothing : rewards(data)}`)}
        </div>`,
  };
}
