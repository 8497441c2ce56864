/** What a creator has earned, how it reaches her, and what stands in the way. */
import { follow } from '../app/followed.js';
import { money } from '../app/format.js';
import { createResource } from '../app/resource.js';
import { badge, card, shown, stat } from '../ui/parts.js';
import { html, nothing } from '../vendor/lit.js';
import { liveBadge, repairNotice } from './liveness.js';
import { createMovements } from './movements.js';
import { createPayouts } from './payouts.js';
import { createPayoutRequest } from './payout-request.js';
import { createPayoutStanding } from './payout-standing.js';
import type { Me, Tab } from './tab.js';

export function openMoney(me: Me): Tab {
  const { app } = me;
  const settings = createResource(app, (signal) => app.client.get('/creators/payout-settings', { signal }));
  const [payouts, movements] = [createPayouts(me), createMovements(me, 'CREATOR')];
  const loadLists = () => Promise.all([settings, payouts, movements].map((each) => each.load()));
  const followed = follow(app, ['creatorDashboard', 'creatorProfile'], () => void loadLists());
  const refresh = async () => {
    await Promise.all([followed.refresh(), loadLists()]);
  };
  const request = createPayoutRequest(me, refresh);
  const standing = createPayoutStanding(me, refresh);
  const { creatorDashboard, creatorProfile } = followed.of;
  return {
    leave() {
      followed.stop();
      for (const each of [settings, payouts, movements]) each.stop();
    },
    view: () =>
      html`<div class="page-head">
          <h1>Money</h1>
          ${liveBadge(followed)}
        </div>
        ${repairNotice(followed)}
        <div class="grid halves">
          <div class="stack">
            ${shown(
              creatorDashboard,
              ({ walletBalance, walletFrozen, pendingPayouts, totalEarnings }) =>
                html`${card(
                  { title: 'Wallet', aside: walletFrozen ? badge('Frozen', 'bad') : nothing },
                  html`<dl class="stats">
                      ${stat('Balance', money(walletBalance))} ${stat('Earned so far', money(totalEarnings))}
                      ${stat('Payouts pending', String(pendingPayouts))}
                    </dl>
                    ${
                      walletFrozen
                        ? html`<p class="hold">
                            Your wallet was frozen by the platform: what you earn still comes in, and nothing is paid
                            out. Ask support why.
                          </p>`
                        : nothing
                    }`,
                )}
                ${shown(settings, (methods) => request(methods, walletFrozen))}`,
            )}
            ${payouts.view()}
          </div>
          <div class="stack">
            ${shown(creatorProfile, (profile) => html`${shown(settings, (methods) => standing(profile, methods))}`)}
            ${movements.view()}
          </div>
        </div>`,
  };
}
