/** Payouts that were requested, and what became of them. */
import { day, money, words } from '../app/format.js';
import { createList, rowsOfPages } from '../app/list.js';
import { saveAs } from '../app/save-as.js';
import { ask } from '../ui/dialog.js';
import { badge, button, card, empty, type Tone } from '../ui/parts.js';
import { rowsOf } from '../ui/rows.js';
import type { DataOf } from '../vendor/client.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';
import { METHODS } from './payout-request.js';
import type { Me } from './tab.js';

type Payout = DataOf<'/payouts', 'get'>['items'][number];

const TONES: Readonly<Partial<Record<Payout['status'], Tone>>> = {
  ...{ PENDING: 'accent', APPROVED: 'accent', PROCESSING: 'accent', PROCESSED: 'good', FAILED: 'bad', REJECTED: 'bad' },
};

export function createPayouts({ app }: Me) {
  const list = createList(app, (from, signal) =>
    app.client.get('/payouts', { query: { limit: '10', ...from }, signal }),
  );

  async function cancel({ id, amount }: Payout): Promise<void> {
    const answer = await ask({
      title: `Cancel the payout of ${money(amount)}?`,
      body: 'The money stays in your wallet. You can request another one at any time.',
      action: 'Cancel the payout',
      isDangerous: true,
      act: async () => {
        await app.client.post('/payouts/{payoutId}/cancel', { params: { payoutId: id } });
      },
    });
    if (answer !== null) await list.load();
  }

  async function saveAll(): Promise<void> {
    try {
      const { items } = await rowsOfPages((from) => app.client.get('/payouts', { query: { limit: '100', ...from } }));
      saveAs('payouts.csv', new Blob([tableOf(items)], { type: 'text/csv' }));
    } catch (error) {
      app.fail(error);
    }
  }

  const row = (payout: Payout): TemplateResult => {
    const { amount, method, status, createdAt, closedAt } = payout;
    const end = closedAt === null ? nothing : `, closed ${day(closedAt)}`;
    return html`<li>
      <p>
        <b class="number">${money(amount)}</b>
        ${badge(status === 'PROCESSED' ? 'Paid' : words(status), TONES[status])}<br />
        <span class="quiet small">${METHODS[method]}, requested ${day(createdAt)}${end}</span>
      </p>
      ${status === 'PENDING' ? button({ text: 'Cancel', label: `Cancel the payout of ${money(amount)}`, isSmall: true, onClick: () => void cancel(payout) }) : nothing}
    </li>`;
  };

  return {
    load: list.load,
    stop: list.stop,
    view: () => {
      const save = button({ text: 'Save as CSV', kind: 'quiet', isSmall: true, onClick: () => void saveAll() });
      const aside = list.data?.items.length ? save : nothing;
      return card(
        { title: 'Payouts', aside },
        rowsOf(list, empty('No payouts yet', 'Request the first one above.'), row),
      );
    },
  };
}

const COLUMNS = ['id', 'amount', 'method', 'status', 'createdAt', 'approvedAt', 'closedAt'] as const;

/** As CSV: ids, amounts, names of the API and times have nothing in them that would have to be quoted. */
function tableOf(payouts: readonly Payout[]): string {
  const lines = payouts.map((payout) => COLUMNS.map((column) => payout[column] ?? ''));
  return [COLUMNS, ...lines].map((cells) => `${cells.join()}\r\n`).join('');
}
