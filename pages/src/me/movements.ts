/** What came into a wallet and went out of it. */
import { dayAndTime, money } from '../app/format.js';
import { createList } from '../app/list.js';
import { card, empty } from '../ui/parts.js';
import { rowsOf } from '../ui/rows.js';
import type { DataOf } from '../vendor/client.js';
import { html, type TemplateResult } from '../vendor/lit.js';
import type { Me } from './tab.js';

type Movement = DataOf<'/wallet/activity', 'get'>['items'][number];
type Wallet = 'CREATOR' | 'FAN';

export function createMovements({ app }: Me, wallet: Wallet) {
  const list = createList(app, (from, signal) =>
    app.client.get('/wallet/activity', { query: { wallet, limit: '5', ...from }, signal }),
  );
  return {
    load: list.load,
    stop: list.stop,
    view: () =>
      card(
        { title: 'What moved' },
        rowsOf(list, empty('Nothing moved yet', 'Every amount that comes or goes stands here.'), (movement) =>
          row(movement, wallet),
        ),
      ),
  };
}

function row(movement: Movement, wallet: Wallet): TemplateResult {
  const { createdAt, amount, balanceAfter } = movement;
  return html`<li>
    <p>
      ${causeOf(movement, wallet)}<br /><time class="quiet small" datetime=${createdAt}>${dayAndTime(createdAt)}</time>
    </p>
    <p class="number">
      ${isLess(movement) ? html`<b>${money(`-${amount}`)}</b>` : html`<b class="gain">+${money(amount)}</b>`}<br /><span
        class="quiet small"
        >${money(balanceAfter)}</span
      >
    </p>
  </li>`;
}

const cents = (amount: string) => BigInt(amount.replace('.', ''));
const isLess = ({ balanceBefore, balanceAfter }: Movement) => cents(balanceAfter) < cents(balanceBefore);

function causeOf(movement: Movement, wallet: Wallet): string {
  const { type, referenceType } = movement;
  if (type === 'CHARGEBACK') return 'Taken back by a bank';
  switch (referenceType) {
    case 'STRIPE_CHECKOUT':
      return 'Wallet loaded';
    case 'MESSAGE':
      if (isLess(movement)) return 'Held for a message';
      return wallet === 'CREATOR' ? 'For an answer' : 'Back from a message';
    case 'PAYOUT':
      return isLess(movement) ? 'Paid out' : 'Payout returned';
    case 'ADJUSTMENT':
      return 'Corrected by the platform';
    case 'ERASURE':
      return 'Account closed';
  }
}
