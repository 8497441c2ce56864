/** What a fan has sent, and what was answered. */
import { ago, money } from '../app/format.js';
import { createList } from '../app/list.js';
import { ask } from '../ui/dialog.js';
import { badge, button, card, empty, type Content } from '../ui/parts.js';
import { rowsOf } from '../ui/rows.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';
import { replyOf, statusBadge, textOf, type Message } from './message.js';
import { createPartners } from './partners.js';
import type { Me } from './tab.js';

/** What a status means to who sent it. */
const WORDS: Readonly<Record<Message['status'], string>> = {
  PENDING: 'Being looked at',
  ESCROWED: 'Waits for an answer',
  DELIVERED: 'Waits for an answer',
  REPLIED: 'Answered',
  COMPLETED: 'Answered',
  EXPIRED: 'Not answered in time',
  REJECTED: 'Rejected',
  REFUNDED: 'Not answered, money back',
};

const starsOf = (rating: string) => '★'.repeat(Number(rating));
const STARS = ['5', '4', '3', '2', '1'].map((value) => ({ value, text: starsOf(value) }));

export function createSentMessages({ app }: Me) {
  const list = createList(app, (from, signal) =>
    app.client.get('/messages', { query: { role: 'fan', limit: '20', ...from }, signal }),
  );

  const creators = createPartners(app, 'fan');

  /** What was given on this page: the API does not tell what was given before. */
  const given = new Map<string, string>();
  const rate = (id: string) =>
    ask({
      ...{ title: 'How was the answer?', action: 'Rate it' },
      fields: [{ name: 'rating', label: 'Stars', options: STARS, value: '5' }],
      async act({ values: { rating = '' } }) {
        await app.client.post('/messages/{id}/rate', { params: { id }, body: { rating: Number(rating) } });
        given.set(id, rating);
        app.tell({ tone: 'good', text: 'Thank you. Your rating counts for the creator.' });
      },
    });

  const rating = ({ id }: Message): Content => {
    const stars = given.get(id);
    return stars === undefined
      ? button({ text: 'Rate', kind: 'quiet', isSmall: true, onClick: () => void rate(id) })
      : `You gave ${starsOf(stars)}`;
  };

  const row = (message: Message): TemplateResult => {
    const { priceSnapshot, createdAt, content } = message;
    const isFree = priceSnapshot === null;
    return html`<li class="message">
      <p class="about">
        ${creators.name(message.receiverId)}
        ${statusBadge(message, message.status === 'REFUNDED' && isFree ? 'Not answered' : WORDS[message.status])}
        ${badge(isFree ? 'Free' : money(priceSnapshot))}
        <time class="quiet small" datetime=${createdAt}>${ago(createdAt)}</time>
      </p>
      ${textOf(content)} ${replyOf(message)}
      ${message.status === 'COMPLETED' ? html`<p class="row">${rating(message)}</p>` : nothing}
    </li>`;
  };

  return {
    load: async () => void (await Promise.all([list.load(), creators.load()])),
    stop() {
      list.stop();
      creators.stop();
    },
    view: () => card({ title: 'Sent' }, rowsOf(list, empty('Nothing sent yet', 'Find a creator above, and ask.'), row)),
  };
}
