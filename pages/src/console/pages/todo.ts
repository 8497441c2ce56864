/** To do: what waits for the staff, the oldest first, and what can be done about it. */
import { html, nothing, type TemplateResult } from '../../vendor/lit.js';
import { type Action, type Around, page } from '../console-page.js';
import type { Work, WorkPage } from '../models/answers.js';
import { aboutOf, DEEDS, KINDS, placeOf, TASKS, waitingIn, type Deed, type WorkKind } from '../models/work.js';
import { actButton, link, none, shortId, when } from '../show.js';

export const todo = page<WorkPage>({
  title: 'To do',
  everyMs: 10_000,
  load: (client, { kind, cursor }) =>
    client.get('/admin/work', { query: { ...(isKind(kind) && { kind }), ...(cursor !== undefined && { cursor }) } }),
  show: ({ items, counts, nextCursor }, around) => {
    const { kind } = around.query;
    return html`
      <header class="head">
        <h1>To do</h1>
        <nav class="tabs" aria-label="Kinds">
          ${kindLink(undefined, 'All', waitingIn(counts), kind)}
          ${kinds.map((name) => kindLink(name, KINDS[name], counts[name], kind))}
        </nav>
      </header>
      <section class="card flush">
        ${
          items.length === 0
            ? none('Nothing waits for you.')
            : html`<table class="rows work">
                <thead>
                  <tr>
                    <th>What</th>
                    <th>About</th>
                    <th class="wide">Whose</th>
                    <th class="wide">Since</th>
                    <th></th>
                  </tr>
                </thead>
                <tbody>
                  ${items.map((item) => rowOf(item, around))}
                </tbody>
              </table>`
        }
        ${
          nextCursor === null
            ? nothing
            : html`<p class="pad">${link({ ...around.query, page: 'todo', cursor: nextCursor }, 'What came later')}</p>`
        }
      </section>
    `;
  },
});

const kinds = Object.keys(KINDS) as WorkKind[];
const isKind = (kind: string | undefined): kind is WorkKind => kind !== undefined && Object.hasOwn(KINDS, kind);

function kindLink(kind: string | undefined, title: string, count: number, here: string | undefined): TemplateResult {
  const content = html`${title}${count > 0 ? html` <span class="count">${count}</span>` : nothing}`;
  return link({ page: 'todo', ...(kind !== undefined && { kind }) }, content, kind === here ? 'here' : '');
}

function rowOf(item: Work, around: Around): TemplateResult {
  const { status, userId, subject, since } = item;
  return html`<tr data-subject=${subject}>
    <th scope="row">${link(placeOf(item), TASKS[status], 'hop')}</th>
    <td>${aboutOf(item)}</td>
    <td class="wide">${userId === null ? nothing : link({ page: 'people', id: userId }, shortId(userId))}</td>
    <td class="wide">${when(since)}</td>
    <td class="acts">${DEEDS[status].map((deed) => actButton(around, actionOf(item, deed, around)))}</td>
  </tr>`;
}

function actionOf(item: Work, { verb, preview, isFinal = false, run }: Deed, { client, reload }: Around): Action {
  return {
    ...{ title: `${verb}: ${aboutOf(item)}`, verb, isFinal, preview: [preview] },
    run: async (reason) => {
      await run(client, item.subject, reason);
      await reload();
    },
  };
}
