/** Parts of a message, which both its sides are shown. */
import { words } from '../app/format.js';
import { badge, type Tone } from '../ui/parts.js';
import type { DataOf } from '../vendor/client.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';

export type Message = DataOf<'/messages', 'get'>['items'][number];

const TONES: Readonly<Partial<Record<Message['status'], Tone>>> = {
  ...{ COMPLETED: 'good', REPLIED: 'good', REJECTED: 'warn', EXPIRED: 'warn', REFUNDED: 'warn' },
};

export function statusBadge({ status }: Message, text: string = words(status)): TemplateResult {
  return badge(text, TONES[status] ?? 'plain');
}

/** Null where the writer was erased. */
export const textOf = (content: string | null): TemplateResult =>
  content === null
    ? html`<p class="quiet">This text is gone with its writer's account.</p>`
    : html`<p class="text">${content}</p>`;

export const replyOf = ({ reply }: Message): TemplateResult | typeof nothing =>
  reply === null ? nothing : html`<blockquote class="reply">${textOf(reply.content)}</blockquote>`;
