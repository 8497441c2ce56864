/** The money river: every movement of a wallet with its running balance. */
import { html, type TemplateResult } from '../../vendor/lit.js';
import { lineChart } from '../line-chart.js';
import type { Movements } from '../models/answers.js';
import { stepLine } from '../models/step-line.js';
import { causeLink, eventLink, none, when } from '../show.js';

export function river({ account, items, next }: Movements, now: number): TemplateResult {
  const line = stepLine(
    items.flatMap(({ at, balance }) => (at === null ? [] : [{ occurredAt: at, after: balance }])),
    now,
  );
  return html`
    <section class="card">
      <h2>Balance <b class="value">${items[0]?.balance ?? '0'}</b></h2>
      ${lineChart(line, 'balance')}
    </section>
    <section class="card flush">
      <h2>Movements <span class="quiet">${account.split('-')[0]}</span></h2>
      <table class="rows">
        <thead>
          <tr>
            <th>When</th>
            <th>Event</th>
            <th class="number">Change</th>
            <th class="number">Balance</th>
            <th class="wide">Other accounts</th>
            <th>Request</th>
          </tr>
        </thead>
        <tbody>
          ${items.map(
            (item) =>
              html`<tr>
                <td>${when(item.at)}</td>
                <th scope="row">${eventLink(item.eventId, item.type)}</th>
                <td class="number ${item.change?.startsWith('-') ? 'out' : 'in'}">${item.change ?? '?'}</td>
                <td class="number"><b>${item.balance ?? '?'}</b></td>
                <td class="wide quiet">${others(item.postings, account)}</td>
                <td>${item.correlationId === null ? '–' : causeLink(item.correlationId)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
      ${next === null ? none('That is all.') : none('The newest 200 movements.')}
    </section>
  `;
}

function others(postings: Movements['items'][number]['postings'], account: string): string {
  return postings
    .filter((posting) => posting.account !== account)
    .map((posting) => `${posting.account.split('-')[0]} ${posting.change}`)
    .join(' · ');
}
