/** Messages that a creator received: those to answer, with reply and rejection, and what became of the others. */
import type { App } from '../app/app.js';
import { ago, money } from '../app/format.js';
import { createList } from '../app/list.js';
import { ask } from '../ui/dialog.js';
import { createForm, type Form } from '../ui/form.js';
import { badge, button, card, empty, shown, type Content } from '../ui/parts.js';
import { moreOf } from '../ui/rows.js';
import { html, nothing, repeat, type TemplateResult } from '../vendor/lit.js';
import { createPartners } from './partners.js';
import { replyOf, statusBadge, textOf, type Message } from './message.js';

export interface Inbox {
  load(): Promise<void>;
  stop(): void;
  view(): TemplateResult;
}

const waits = ({ status }: Message) => status === 'ESCROWED' || status === 'DELIVERED';

export function createInbox(app: App): Inbox {
  const list = createList(app, (from, signal) =>
    app.client.get('/messages', { query: { role: 'creator', limit: '100', ...from }, signal }),
  );
  const fans = createPartners(app, 'creator');
  const load = async () => void (await Promise.all([list.load(), fans.load()]));
  /** The one that is being answered; what was begun of others stays. */
  let open: string | null = null;
  const forms = new Map<string, Form>();
  void load();

  function formOf({ id }: Message): Form {
    const known = forms.get(id);
    if (known) return known;
    const made = createForm(app, async ({ content = '' }) => {
      await app.client.post('/messages/{id}/reply', { params: { id }, body: { content } });
      forms.delete(id);
      open = null;
      app.tell({ tone: 'good', text: 'Your answer is there for the fan to read.' });
      await list.load();
    });
    forms.set(id, made);
    return made;
  }

  async function reject({ id, priceSnapshot }: Message): Promise<void> {
    const back = priceSnapshot === null ? 'Nothing was paid for it.' : `The fan gets ${money(priceSnapshot)} back.`;
    const answer = await ask({
      title: 'Reject this message?',
      body: html`<p>${back} It counts against your response rate, and cannot be answered any more.</p>`,
      action: priceSnapshot === null ? 'Reject' : 'Reject and refund',
      isDangerous: true,
      reason: { label: 'Why? (optional)', hint: 'The fan reads it.' },
      act: async ({ reason }) => {
        await app.client.post('/messages/{id}/reject', { params: { id }, body: { ...(reason !== '' && { reason }) } });
      },
    });
    if (answer === null) return;
    app.tell({ tone: 'good', text: 'The message is rejected.' });
    await list.load();
  }

  async function choose(message: Message): Promise<void> {
    open = message.id;
    app.redraw();
    await Promise.resolve();
    document.getElementById(`reply-${message.id}`)?.focus();
  }

  function answering(message: Message): TemplateResult {
    if (open !== message.id)
      return html`<div class="row">
        ${button({ text: 'Reply', kind: 'primary', isSmall: true, onClick: () => void choose(message) })}
        ${button({ text: 'Reject', kind: 'quiet', isSmall: true, onClick: () => void reject(message) })}
      </div>`;
    const close = () => {
      open = null;
      app.redraw();
    };
    return formOf(message).view({
      fields: [
        {
          ...{ name: 'content', id: `reply-${message.id}`, label: 'Your answer', lines: 4, maxlength: 5_000 },
          ...{ isRequired: true, hint: 'One answer: it cannot be changed afterwards.' },
        },
      ],
      action: 'Send the answer',
      beside: button({ text: 'Not now', kind: 'quiet', onClick: close }),
    });
  }

  return {
    load,
    stop() {
      list.stop();
      fans.stop();
    },
    view: () =>
      html`${shown(list, ({ items }) => {
        const waiting = items.filter(waits);
        const others = items.filter((message) => !waits(message));
        return html`${card(
          { title: 'To answer', aside: badge(String(waiting.length), waiting.length > 0 ? 'accent' : 'plain') },
          waiting.length === 0
            ? empty('Nobody waits for you', 'What fans write appears here by itself.')
            : html`<ul class="lines">
                ${repeat(
                  waiting,
                  ({ id }) => id,
                  (message) =>
                    html`<li class="message ${open === message.id ? '' : 'waiting'}">
                      <div class="stack">${received(message, fans.name(message.senderId))}</div>
                      ${answering(message)}
                    </li>`,
                )}
              </ul>`,
        )}
        ${
          others.length === 0
            ? nothing
            : html`<details class="card">
                <summary>Before <span class="quiet">answered, rejected, expired</span></summary>
                <ul class="lines">
                  ${repeat(
                    others,
                    ({ id }) => id,
                    (message) =>
                      html`<li class="message">
                        ${received(message, fans.name(message.senderId))} ${replyOf(message)}
                      </li>`,
                  )}
                </ul>
              </details>`
        }
        ${moreOf(list)}`;
      })}`,
  };
}

function received(message: Message, from: Content): TemplateResult {
  const { content, priceSnapshot, createdAt, expiresAt } = message;
  return html`<p class="about">
      ${from}
      ${badge(priceSnapshot === null ? 'Free' : money(priceSnapshot), priceSnapshot === null ? 'plain' : 'accent')}
      ${waits(message) ? nothing : statusBadge(message)}
      <span class="quiet small"
        ><time datetime=${createdAt}>${ago(createdAt)}</time>${
          waits(message) && expiresAt !== null
            ? html`, expires <time datetime=${expiresAt}>${ago(expiresAt)}</time>`
            : nothing
        }</span
      >
    </p>
    ${textOf(content)}`;
}
