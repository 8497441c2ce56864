/** Asking for a payout. */
import { createForm } from '../ui/form.js';
import { card } from '../ui/parts.js';
import type { DataOf } from '../vendor/client.js';
import { html, type TemplateResult } from '../vendor/lit.js';
import { createIntent } from '../app/intent.js';
import type { Me } from './tab.js';

export type PayoutSettings = DataOf<'/creators/payout-settings', 'get'>;
type Method = PayoutSettings['availableMethods'][number];

export const METHODS: Readonly<Record<Method, string>> = {
  STRIPE_CONNECT: 'Stripe account',
  BANK_TRANSFER: 'Bank transfer',
};

export function createPayoutRequest(
  { app }: Me,
  refresh: () => Promise<void>,
): (settings: PayoutSettings, isFrozen: boolean) => TemplateResult {
  const intent = createIntent();
  const form = createForm(app, async ({ amount = '', method = '' }) => {
    const body = { amount: amount.trim().replace(',', '.'), ...(method !== '' && { method }) };
    await intent.once(body, (idempotencyKey) => app.client.post('/payouts/request', { body, idempotencyKey }));
    app.tell({ tone: 'good', text: 'Your payout is requested. It is looked at before the money leaves.' });
    await refresh();
  });
  return ({ availableMethods, preferredPayoutMethod }, isFrozen) =>
    card(
      { title: 'Request a payout' },
      availableMethods.length === 0
        ? html`<p class="quiet">
            There is no way yet by which money could reach you. See what is missing under “How you are paid”.
          </p>`
        : form.view({
            action: 'Request the payout',
            isDisabled: isFrozen,
            fields: [
              {
                ...{ name: 'amount', label: 'Amount in dollars', inputmode: 'decimal', isRequired: true },
                ...{ autocomplete: 'off', placeholder: '50.00' },
              },
              {
                ...{ name: 'method', label: 'By', value: preferredPayoutMethod ?? availableMethods[0] },
                options: availableMethods.map((value) => ({ value, text: METHODS[value] })),
              },
            ],
          }),
    );
}
