/** Cause: what one request led to, with the time that each step took; grey where something did not run. */
import { html, nothing, svg, type TemplateResult } from '../../vendor/lit.js';
import { page } from '../console-page.js';
import type { CauseNode } from '../models/answers.js';
import { causeRows, type CauseRow } from '../models/cause-tree.js';
import { eventLink, link, none, shortId, when } from '../show.js';

interface Model {
  readonly id: string;
  readonly nodes: readonly CauseNode[];
  readonly truncated: boolean;
}

export const cause = page<Model>({
  title: 'Cause',
  load: async (client, { id = '' }) => {
    if (id === '') return { id, nodes: [], truncated: false };
    const { nodes, truncated } = await client.get('/admin/correlations/{correlationId}', {
      params: { correlationId: id },
    });
    return { id, nodes, truncated };
  },
  show: ({ id, nodes, truncated }) => {
    const rows = causeRows(nodes);
    const first = nodes.find(({ occurredAt }) => occurredAt !== null);
    const count = (kind: CauseNode['kind']) => nodes.filter((node) => node.kind === kind).length;
    return html`
      <header class="head">
        <h1>Cause</h1>
        <p class="quiet">
          ${id === '' ? nothing : html`request <code>${id}</code> · ${when(first?.occurredAt)} · ${count('command')} commands · ${count('event')} events · ${count('document')} documents`}
        </p>
      </header>
      ${
        rows.length === 0
          ? none('Search for a request, or come from an event: each names the request that caused it.')
          : html`<section class="card flush">
              <ol class="tree">
                ${rows.map(rowOf)}
              </ol>
            </section>`
      }
      ${truncated ? none('There is more: only the first 1,000 events are shown.') : nothing}
    `;
  },
});

function rowOf(row: CauseRow): TemplateResult {
  const { node, depth, isIdle, isTrouble, afterMs, at } = row;
  return html`<li
    class=${`depth-${Math.min(depth, 8)} ${node.kind} ${isIdle ? 'idle' : ''} ${isTrouble ? 'trouble' : ''}`}
  >
    <span class="kind">${KIND[node.kind]}</span>
    <span class="what">${titleOf(row)} <span class="quiet">${aboutOf(node)}</span></span>
    ${node.state === 'done' ? nothing : html`<span class="badge ${isTrouble ? 'bad' : 'plain'}" title=${node.detail ?? ''}>${STATE[node.state]}</span>`}
    <span class="ms">${afterMs === null ? nothing : html`${afterMs} ms ${timeline(at ?? 0)}`}</span>
  </li>`;
}

const KIND: Readonly<Record<CauseNode['kind'], string>> = {
  command: 'did',
  event: 'event',
  document: 'shows in',
  policy: 'policy',
};
const STATE: Readonly<Record<CauseNode['state'], string>> = {
  done: 'done',
  refused: 'refused',
  answered: 'answered',
  unanswered: 'no answer',
  nothing: 'nothing to do',
  parked: 'parked',
  discarded: 'left out',
  behind: 'not yet',
  not_started: 'not started',
};

function titleOf({ node, title }: CauseRow): unknown {
  if (node.kind === 'event') return eventLink(node.id, title);
  if (node.kind === 'document') return link({ page: 'projection', view: node.view ?? '' }, title);
  return html`<b>${title}</b>`;
}

function aboutOf({ kind, stream, key, actor, detail, state }: CauseNode): unknown {
  if (kind === 'event') return (stream ?? '').split('-')[0];
  if (kind === 'document') return shortId(key ?? '');
  if (state !== 'done') return detail ?? '';
  return actor === null || actor === 'SYSTEM' ? '' : html`by ${link({ page: 'people', id: actor }, shortId(actor))}`;
}

/** Where on the way from the first step to the last. */
const timeline = (at: number) =>
  html`<svg class="when" viewBox="0 0 104 8" aria-hidden="true">
    ${svg`<line x1="2" x2="102" y1="4" y2="4" /><circle cx=${2 + at} cy="4" r="3" />`}
  </svg>`;
