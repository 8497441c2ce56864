/** Before every action: what it does, and why it is done. */
import { ask } from '../ui/dialog.js';
import { html } from '../vendor/lit.js';
import type { Action } from './console-page.js';
import type { Query } from './models/query.js';

/** Answers where to go once it is done, `again` where the page is to be loaded again, null where it was left. */
export async function askFor({
  title,
  preview,
  verb,
  isFinal = false,
  fields = [],
  run,
}: Action): Promise<Query | 'again' | null> {
  let to: Query | 'again' = 'again';
  const answer = await ask({
    ...{ title, action: verb, isDangerous: isFinal, fields },
    body: html`<ul>
      ${preview.map((line) => html`<li>${line}</li>`)}
    </ul>`,
    reason: { label: 'Why?', hint: 'It stands in the log beside your name.', isRequired: true, lines: 1 },
    act: async ({ reason, values }) => {
      to = (await run(reason, values)) ?? 'again';
    },
  });
  return answer && to;
}
