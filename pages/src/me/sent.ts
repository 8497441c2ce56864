/** A fan's side: find a creator, write to her, read what she answers; and the wallet that pays for it. */
import { whileLooking } from '../app/looking.js';
import { html, nothing } from '../vendor/lit.js';
import { createCompose } from './compose.js';
import { createFanWallet } from './fan-wallet.js';
import { createMovements } from './movements.js';
import { createSentMessages } from './sent-messages.js';
import type { Me, Tab } from './tab.js';
import { createUpgrade } from './upgrade.js';

/** Nothing pushes what a fan waits for. */
const AGAIN_MS = 15_000;

export function openSent(me: Me): Tab {
  const messages = createSentMessages(me);
  const wallet = createFanWallet(me);
  const movements = createMovements(me, 'FAN');
  const refresh = async () => {
    await Promise.all([messages, wallet, movements].map((each) => each.load()));
  };
  const compose = createCompose(me, refresh);
  const upgrade = createUpgrade(me);
  const stopLooking = whileLooking(AGAIN_MS, () => void refresh());
  void refresh();
  return {
    leave() {
      stopLooking();
      for (const part of [messages, wallet, movements, compose]) part.stop();
    },
    view: () =>
      html`<h1>Messages to creators</h1>
        <div class="grid halves">
          <div class="stack">${compose.view()} ${messages.view()}</div>
          <div class="stack">
            ${wallet.view()} ${movements.view()} ${me.account.creatorId === null ? upgrade() : nothing}
          </div>
        </div>`,
  };
}
