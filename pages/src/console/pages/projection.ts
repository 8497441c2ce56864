/** Projection: the generations of one view, its rebuild, the comparison before a switch, and the way back. */
import { html, nothing, type TemplateResult } from '../../vendor/lit.js';
import { type Around, page } from '../console-page.js';
import type { Generation, PastRebuild, Plan, Rebuild, Report } from '../models/answers.js';
import { shortOwner } from '../models/feeds.js';
import { isUnderWay, wayBack, wayOn } from '../models/switching.js';
import { actButton, bar, count, facts, link, none, notNow, span, when } from '../show.js';
import { rebuildAction, rollbackAction, simpleAction, switchAction } from './projection-acts.js';

interface Model {
  readonly view: string;
  readonly generations: readonly Generation[];
  readonly plan: Plan;
  readonly rebuild: Rebuild | null;
  readonly report: Report | null;
  readonly history: readonly PastRebuild[];
}

export const projection = page<Model>({
  title: 'Projection',
  everyMs: 1_000,
  load: async (client, { view = 'creatorDashboard' }) => {
    const of = { params: { view } };
    const [generations, plan, progress, report, history] = await Promise.all([
      client.get('/admin/projections/{view}/generations', of),
      client.get('/admin/projections/{view}/plan', of),
      client.get('/admin/projections/{view}/progress', of),
      client.get('/admin/projections/{view}/report', of),
      client.get('/admin/projections/{view}/history', of),
    ]);
    return {
      view,
      generations: generations.items,
      plan: plan.plan,
      rebuild: progress.rebuild,
      report: report.report,
      history: history.items,
    };
  },
  show: (model, around) => html`
    <header class="head">
      <h1>${model.view}</h1>
      <div class="acts">${acts(model, around)}</div>
    </header>
    ${model.rebuild && isUnderWay(model.rebuild) ? rebuildCard(model.rebuild, model.view, around) : planLine(model.plan)}
    <section class="card flush">
      <h2>Generations</h2>
      ${generationTable(model.generations)}
    </section>
    ${model.report ? reportCard(model.report) : none('No comparison yet: a rebuild makes one before its switch.')}
    ${historyCard(model.history)}
  `,
});

function acts({ view, generations, rebuild, report }: Model, around: Around): unknown {
  const [back, on] = [wayBack(generations, rebuild), wayOn(rebuild)];
  const isOpen = isUnderWay(rebuild);
  return [
    isOpen ? nothing : actButton(around, rebuildAction(around, view)),
    isOpen && on.whyNot === null && report ? actButton(around, switchAction(around, view, report)) : nothing,
    back.whyNot === null && back.to !== null
      ? actButton(around, rollbackAction(around, view, back.to))
      : notNow('Roll back', back.whyNot ?? ''),
    back.to !== null && !isOpen && back.whyNot !== null
      ? actButton(around, rollbackAction(around, view, back.to, true))
      : nothing,
  ];
}

const STATE: Readonly<Record<Rebuild['state'], string>> = {
  RUNNING: 'is being built',
  CAUGHT_UP: 'has caught up, about to switch',
  PAUSED: 'is paused',
  HELD: 'is held: read the comparison, then switch or cancel',
  DONE: 'is done',
  FAILED: 'has failed',
  CANCELLED: 'was cancelled',
  SUPERSEDED: 'was superseded',
};

/** What a rebuild would take, or why none is needed. */
function planLine({ kind, why, documents, events, seconds }: Plan): TemplateResult {
  const takes = [count(documents, 'document'), `${count(events, 'event')} to read`];
  if (seconds !== null) takes.push(`about ${span(seconds)}`);
  return html`<p id="plan" class="quiet">
    ${kind === 'none' ? `No rebuild is needed: ${why}.` : `A full rebuild: ${why}; ${takes.join(', ')}.`}
  </p>`;
}

function rebuildCard(rebuild: Rebuild, view: string, around: Around): TemplateResult {
  const { progress, state, generation, error } = rebuild;
  const { part, secondsLeft, secondsLeftFrom, secondsLeftTo, eventsPerSecond } = progress;
  const band =
    secondsLeftFrom === null || secondsLeftTo === null ? '' : ` (${span(secondsLeftFrom)} to ${span(secondsLeftTo)})`;
  return html`<section class="card" id="rebuild" aria-live="polite">
    <h2>
      <span class="badge ${state === 'HELD' || state === 'FAILED' ? 'warn' : 'good'}">${state}</span> ${generation}
      ${STATE[state]}
    </h2>
    ${bar(part, `rebuild of ${view}`)}
    ${facts([
      ['Done', `${Math.floor(part * 100)} %`],
      ['Left', secondsLeft === null ? '–' : `${span(secondsLeft)}${band}`],
      ['Events', `${progress.eventsDone.toLocaleString('en')} of ${progress.eventsTotal?.toLocaleString('en') ?? '…'}`],
      ['A second', eventsPerSecond === null ? '–' : Math.round(eventsPerSecond).toLocaleString('en')],
      ['Documents', progress.documents.toLocaleString('en')],
      ['Workers', progress.workers],
      ['Since', when(rebuild.startedAt)],
    ])}
    ${error === null ? nothing : html`<p class="why">${error}</p>`}
    <div class="acts">
      ${state === 'RUNNING' ? actButton(around, simpleAction(around, view, 'pause')) : nothing}
      ${state === 'PAUSED' ? actButton(around, simpleAction(around, view, 'resume')) : nothing}
      ${actButton(around, simpleAction(around, view, 'cancel'))}
    </div>
  </section>`;
}

function generationTable(generations: readonly Generation[]): TemplateResult {
  return html`<table class="rows">
    <thead>
      <tr>
        <th>Generation</th>
        <th>Role</th>
        <th class="number">Documents</th>
        <th class="number">Position</th>
        <th class="wide">Fed by</th>
      </tr>
    </thead>
    <tbody>
      ${generations.map(
        ({ generation, role, documents, position, owner }) =>
          html`<tr>
            <th scope="row">${generation}</th>
            <td><span class="badge ${role === 'served' ? 'good' : 'plain'}">${role}</span></td>
            <td class="number">${documents.toLocaleString('en')}</td>
            <td class="number">${position}</td>
            <td class="wide quiet">${shortOwner(owner) || 'nobody'}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Fields and counts; behind each the examples, side by side. */
function reportCard(report: Report): TemplateResult {
  const { a, b, paths, compared, differing, refusals } = report;
  return html`<section class="card flush" id="report">
    <h2>Comparison <span class="quiet">${report.id}</span> ${when(report.at)}</h2>
    <p class="pad">
      <b>${a.generation}</b> with <b>${b.generation}</b>: ${count(compared, 'document')}
      compared${report.sampled ? ' (a sample)' : ''},
      <span class="badge ${differing === 0 ? 'good' : 'warn'}">${differing} differ</span>
      ${report.newlyParked > 0 ? html`<span class="badge bad">${report.newlyParked} newly parked</span>` : nothing}
    </p>
    ${refusals.map((refusal) => html`<p class="pad why">${refusal}</p>`)}
    ${paths.map(
      ({ path, documents, examples }) =>
        html`<details ?open=${paths.length <= 3}>
          <summary class="hop"><b>${path}</b> <span class="badge warn">${count(documents, 'document')}</span></summary>
          <table class="rows diff">
            <thead>
              <tr>
                <th>Document</th>
                <th>${a.generation}</th>
                <th>${b.generation}</th>
              </tr>
            </thead>
            <tbody>
              ${examples.slice(0, 10).map(
                ({ key, a: left, b: right }) =>
                  html`<tr>
                    <th scope="row"><code title=${key}>${key}</code></th>
                    <td class="left">${left ?? '–'}</td>
                    <td class="right">${right ?? '–'}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </details>`,
    )}
    ${report.morePaths > 0 ? html`<p class="pad quiet">and ${count(report.morePaths, 'field')} more</p>` : nothing}
  </section>`;
}

function historyCard(history: readonly PastRebuild[]): TemplateResult {
  if (history.length === 0) return none('It was not rebuilt yet.');
  return html`<section class="card flush">
    <h2>What was decided</h2>
    <table class="rows">
      <thead>
        <tr>
          <th>When</th>
          <th>What</th>
          <th>By</th>
          <th>Why</th>
        </tr>
      </thead>
      <tbody>
        ${history.slice(0, 20).map(
          (past) =>
            html`<tr>
              <td>${when(past.startedAt)}</td>
              <td>
                ${past.rollback ? 'back to' : past.repair ? 'repair of' : 'rebuild'} ${past.generation}
                <span class="badge ${past.state === 'DONE' ? 'good' : 'plain'}">${past.state}</span>
                <span class="quiet">${span(past.seconds)}${phasesOf(past)}, ${count(past.events, 'event')}</span>
              </td>
              <td>
                ${past.by ?? (past.actor === 'cli' || past.actor === 'projector' ? past.actor : link({ page: 'people', id: past.actor }, past.actor.slice(0, 8)))}
              </td>
              <td>${past.reason ?? past.error ?? '–'}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function phasesOf({ phases }: PastRebuild): string {
  if (!phases) return '';
  const { fold, store, compare } = phases;
  return ` (fold ${span(fold)}, store ${span(store)}, compare ${span(compare)})`;
}
