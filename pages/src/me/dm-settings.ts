/** Whether a creator takes messages, for how much, and when she is away. */
import { Mistake } from '../app/errors.js';
import { day } from '../app/format.js';
import { createForm } from '../ui/form.js';
import { badge, button, card } from '../ui/parts.js';
import type { DataOf } from '../vendor/client.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';
import { act, type Me } from './tab.js';

type Profile = DataOf<'/creators/profile', 'get'>;
type DmType = NonNullable<Profile['dmType']>;

const TYPES = [
  { value: 'FREE', text: 'Free' },
  { value: 'SINGLE_PAY', text: 'Paid once for a conversation' },
  { value: 'PER_MESSAGE', text: 'Paid for each message' },
] as const;

export function createDmSettings(
  { app, account }: Me,
  refresh: () => Promise<void>,
): (profile: Profile) => TemplateResult {
  const params = { creatorId: account.creatorId ?? '' };
  const settings = createForm(app, async ({ dmType = '', dmPrice = '', dmActive }) => {
    const price = dmType === 'FREE' ? null : dmPrice.trim().replace(',', '.');
    await app.client.patch('/creators/{creatorId}/dm-config', {
      params,
      body: { dmType: dmType as DmType, dmPrice: price === '' ? null : price, dmActive: dmActive === 'on' },
    });
    await refresh();
    app.tell({ tone: 'good', text: 'Saved. It holds for the next message.' });
  });
  const away = createForm(app, async ({ start = '', end = '' }) => {
    const [startDate, endDate] = [instantOf(start), instantOf(end)];
    if (startDate !== null && endDate !== null && endDate <= startDate)
      throw new Mistake('The last day comes after the first one.');
    await vacation({ enabled: true, startDate, endDate });
    app.tell({ tone: 'good', text: 'Saved. Enjoy it.' });
  });
  async function vacation(body: { enabled: boolean; startDate?: string | null; endDate?: string | null }) {
    await app.client.patch('/creators/{creatorId}/vacation', { params, body });
    await refresh();
  }
  const comeBack = () => act(app, 'Welcome back. Fans can write to you again.', () => vacation({ enabled: false }));

  return (profile) => {
    const { dmType, dmPrice, dmActive } = profile;
    const chosen = settings.value('dmType') ?? dmType ?? 'PER_MESSAGE';
    return html`${card(
      { title: 'Messages from fans', aside: dmActive ? badge('On', 'good') : badge('Off') },
      settings.view({
        action: 'Save',
        fields: [
          { name: 'dmType', label: 'What a message costs', value: chosen, options: TYPES },
          ...(chosen === 'FREE'
            ? []
            : [
                {
                  ...{ name: 'dmPrice', label: 'Price in dollars', value: dmPrice ?? '', inputmode: 'decimal' },
                  ...{ placeholder: '5.00', autocomplete: 'off', hint: 'Messages that are there keep their price.' },
                },
              ]),
          {
            ...{ name: 'dmActive', label: 'Take messages', type: 'checkbox', value: dmActive ? 'on' : '' },
            hint: 'While on, social links that you entered yourself are hidden.',
          } as const,
        ],
      }),
    )}
    ${awayCard(profile)}`;
  };

  function awayCard({ vacationMode, vacationStart, vacationEnd }: Profile): TemplateResult {
    const isPlanned = vacationStart !== null;
    if (!vacationMode && !isPlanned)
      return card(
        { title: 'Vacation' },
        html`<p class="quiet">Nobody can write to you meanwhile. What came before still waits for an answer.</p>
          ${away.view({
            action: 'Go on vacation',
            kind: 'secondary',
            fields: [
              { name: 'start', label: 'From', type: 'date', hint: 'Empty: from now on.' },
              { name: 'end', label: 'Until the morning of', type: 'date', hint: 'Empty: until you come back.' },
            ],
          })}`,
      );
    return card(
      { title: 'Vacation', aside: vacationMode ? badge('Away', 'warn') : badge('Planned', 'accent') },
      html`<p>
          ${vacationMode ? 'You are away' : html`You will be away from ${day(vacationStart ?? '')}`}
          ${vacationEnd === null ? 'until you come back.' : html`until ${day(vacationEnd)}.`}
          ${vacationMode ? 'Nobody can write to you now.' : nothing}
        </p>
        <p class="row">
          ${button({ text: vacationMode ? 'I am back' : 'Call it off', kind: 'primary', onClick: () => void comeBack() })}
        </p>`,
    );
  }
}

/** Its first moment where the reader is; null where none was chosen. */
function instantOf(date: string): string | null {
  return date === '' ? null : new Date(`${date}T00:00`).toISOString();
}
