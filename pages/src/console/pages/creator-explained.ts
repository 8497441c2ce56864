/** Why a number is what it is: formula, what stands in it, the line through time, and every event that moved it. */
import { html, nothing, type TemplateResult } from '../../vendor/lit.js';
import type { Around } from '../console-page.js';
import type { Explanation } from '../models/answers.js';
import { wordsOf } from '../models/fields.js';
import { stepLine } from '../models/step-line.js';
import { causeLink, eventLink, facts, link, when } from '../show.js';
import { lineChart } from '../line-chart.js';
import { without } from '../models/query.js';

/** More are told than anyone reads at once. */
const STEPS_SHOWN = 100;

export function explanationPanel(explained: Explanation, { query, now }: Around): TemplateResult {
  const { field, value, formula, inputs, steps, stepsLeftOut, masked, erased } = explained;
  const line = stepLine(steps, query.at === undefined ? now : Date.parse(query.at));
  const closed = without(query, 'view', 'field', 'position');
  return html`<aside class="drawer card" aria-label="Why">
    <header>
      <h2>Why is ${wordsOf(field)} <b class="value">${masked ? 'masked' : erased ? 'erased' : said(value)}</b>?</h2>
      ${link(closed, html`<span aria-hidden="true">×</span><span class="visually-hidden">Close</span>`, 'close')}
    </header>
    <p class="formula">${formula}</p>
    ${Object.keys(inputs).length === 0 ? nothing : html`<h3>What stands in it (amounts in cents)</h3>`}
    ${facts(Object.entries(inputs).map(([name, input]) => [wordsOf(name), said(input)]))}
    ${line.length > 1 ? lineChart(line, wordsOf(field)) : nothing}
    <table class="rows steps">
      <thead>
        <tr>
          <th>Event</th>
          <th class="number">Before</th>
          <th class="number">After</th>
          <th>Request</th>
        </tr>
      </thead>
      <tbody>
        ${steps
          .toReversed()
          .slice(0, STEPS_SHOWN)
          .map(
            (step) =>
              html`<tr>
                <th scope="row">${eventLink(step.eventId, step.type)}<br />${when(step.occurredAt)}</th>
                <td class="number">${step.masked.includes('before') ? 'masked' : said(step.before)}</td>
                <td class="number">${step.masked.includes('after') ? 'masked' : said(step.after)}</td>
                <td>${causeLink(step.correlationId)}</td>
              </tr>`,
          )}
      </tbody>
    </table>
    ${
      steps.length > STEPS_SHOWN || stepsLeftOut > 0
        ? html`<p class="quiet">The newest ${STEPS_SHOWN} of ${steps.length + stepsLeftOut} changes.</p>`
        : nothing
    }
  </aside>`;
}

function said(value: unknown): string {
  if (value === null || value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
