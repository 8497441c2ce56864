/** The wallet that pays for messages, and how money comes into it. */
import { createIntent } from '../app/intent.js';
import { money } from '../app/format.js';
import { createResource } from '../app/resource.js';
import { createForm } from '../ui/form.js';
import { badge, button, card, shown, stat } from '../ui/parts.js';
import { html, nothing } from '../vendor/lit.js';
import type { Me } from './tab.js';

export function createFanWallet({ app }: Me) {
  const intent = createIntent();
  const balance = createResource(app, (signal) => app.client.get('/wallet/balance', { signal }));
  const packages = createResource(app, (signal) => app.client.get('/wallet/packages', { signal }));
  void packages.load();
  /** Of the load that was begun last. */
  let checkout: { readonly url: string; readonly amount: string } | null = null;
  const form = createForm(app, async ({ amount: entered = '' }) => {
    const amount = entered.trim().replace(',', '.');
    const { checkoutUrl } = await intent.once({ amount }, (idempotencyKey) =>
      app.client.post('/wallet/load', { body: { amount }, idempotencyKey }),
    );
    checkout = checkoutUrl === null ? null : { url: checkoutUrl, amount };
  });

  const pay = () =>
    checkout &&
    html`<p class="row" role="status">
      <a class="button primary" href=${checkout.url} target="_blank" rel="noopener">Pay at the checkout</a>
      <span class="small quiet">The money is here as soon as you have paid.</span>
    </p>`;

  return {
    load: balance.load,
    stop() {
      balance.stop();
      packages.stop();
    },
    view: () =>
      card(
        { title: 'Your wallet' },
        html`${shown(
          balance,
          ({ balance: amount, frozen }) =>
            html`<dl class="stats">
                ${stat('Balance', html`${money(amount)} ${frozen ? badge('Frozen', 'bad') : nothing}`, 'pays for messages')}
              </dl>
              ${frozen ? html`<p class="hold">Your wallet was frozen by the platform: it cannot pay. Ask support why.</p>` : nothing}`,
        )}
        ${form.view({
          action: 'Load the wallet',
          kind: 'secondary',
          fields: [
            {
              ...{ name: 'amount', label: 'Amount in dollars', value: '25.00', inputmode: 'decimal', isRequired: true },
              ...{
                autocomplete: 'off',
                hint: packages.data && `From ${money(packages.data.min)} to ${money(packages.data.max)}.`,
              },
            },
          ],
          note: html`<p class="row">
            ${(packages.data?.packages ?? []).map((amount) => button({ text: money(amount), isSmall: true, onClick: () => form.fill('amount', amount) }))}
          </p>`,
        })}
        ${pay() ?? nothing}`,
      ),
  };
}
