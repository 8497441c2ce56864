/** What a payout needs: the identity check, and a bank account or an account at Stripe. */
import { words } from '../app/format.js';
import { createForm } from '../ui/form.js';
import { badge, button, card, type Content, type Tone } from '../ui/parts.js';
import type { DataOf } from '../vendor/client.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';
import { METHODS, type PayoutSettings } from './payout-request.js';
import { act, type Me } from './tab.js';

type Profile = DataOf<'/creators/profile', 'get'>;

const TONES: Readonly<Record<string, Tone>> = {
  ...{ APPROVED: 'good', ACTIVE: 'good', PENDING: 'accent', REJECTED: 'bad', RESTRICTED: 'warn', DISABLED: 'bad' },
};

export function createPayoutStanding(
  { app }: Me,
  refresh: () => Promise<void>,
): (profile: Profile, settings: PayoutSettings) => TemplateResult {
  /** Where the check or the onboarding under way goes on. */
  let address: { readonly of: 'kyc' | 'stripe'; readonly href: string } | null = null;

  /** At the provider's, in a window of its own: a page cannot open one after it has waited, so it shows the way. */
  const begin = (of: 'kyc' | 'stripe', isUnderWay: boolean) =>
    act(app, 'Go on there, then come back: this page learns of it by itself.', async () => {
      const href = of === 'kyc' ? await identityCheck(isUnderWay) : await onboarding(isUnderWay);
      if (href !== null) address = { of, href };
      await refresh();
    });
  const identityCheck = async (isUnderWay: boolean) =>
    (await app.client.post(isUnderWay ? '/creators/kyc/refresh-link' : '/creators/kyc/start')).redirectUrl;
  const onboarding = async (isUnderWay: boolean) =>
    (await app.client.post(isUnderWay ? '/creators/stripe-connect/refresh-link' : '/creators/stripe-connect/initiate'))
      .onboardingUrl;

  /** As it is shown: what was not changed is not sent. */
  let known: PayoutSettings['bankDetails'] | null = null;
  const bank = createForm(app, async (entered) => {
    const changed = Object.entries(entered).filter(([name, value]) => value !== (known?.[name as 'iban'] ?? ''));
    const body = Object.fromEntries(
      changed.map(([name, value]) => [name, (name === 'iban' ? value.replace(/\s/g, '') : value.trim()) || null]),
    );
    await app.client.patch('/creators/bank-details', { body });
    app.tell({ tone: 'good', text: 'Saved. The platform verifies a new account before it pays to it.' });
    await refresh();
  });

  function step(of: 'kyc' | 'stripe', title: string, status: string, isOver: boolean, start: string): TemplateResult {
    const isUnderWay = status === 'PENDING';
    const way: Content = isOver
      ? nothing
      : address?.of === of
        ? html`<a class="button primary small" href=${address.href} target="_blank" rel="noopener">Go on there</a>`
        : button({
            ...{ text: isUnderWay ? 'Go on with it' : start, isSmall: true },
            onClick: () => void begin(of, isUnderWay),
          });
    return html`<li>
      <p>${title} ${badge(words(status), TONES[status])}</p>
      ${way}
    </li>`;
  }

  return ({ kycStatus, stripeAccountStatus }, { bankDetails, availableMethods }) => {
    known = bankDetails;
    return html`${card(
      {
        title: 'How you are paid',
        aside: availableMethods.length > 0 ? badge('Ready', 'good') : badge('Not yet', 'warn'),
      },
      html`<ul class="lines">
        ${step('kyc', 'Identity check', kycStatus, kycStatus === 'APPROVED', 'Start')}
        ${
          kycStatus === 'APPROVED'
            ? step('stripe', METHODS.STRIPE_CONNECT, stripeAccountStatus, stripeAccountStatus === 'ACTIVE', 'Connect')
            : nothing
        }
        <li>
          <p>
            ${METHODS.BANK_TRANSFER}
            ${
              bankDetails.verified
                ? badge('Verified', 'good')
                : badge(bankDetails.iban === null ? 'None' : 'Is being verified')
            }
          </p>
        </li>
      </ul>`,
    )}
    ${card(
      { title: 'Bank account' },
      bank.view({
        action: 'Save',
        kind: 'secondary',
        fields: [
          {
            ...{ name: 'iban', label: 'IBAN', value: bankDetails.iban ?? '', autocomplete: 'off', maxlength: 42 },
            hint: 'Any change has to be verified before the next payout.',
          },
          {
            ...{ name: 'accountHolderName', label: 'Account holder', value: bankDetails.accountHolderName ?? '' },
            ...{ autocomplete: 'name', maxlength: 200 },
          },
          { name: 'bankName', label: 'Bank', value: bankDetails.bankName ?? '', maxlength: 100 },
        ],
      }),
    )}`;
  };
}
