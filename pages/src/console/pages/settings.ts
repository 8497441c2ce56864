/** Settings: what is in force, who changed it and why, and what a change would touch. */
import { html, nothing, type TemplateResult } from '../../vendor/lit.js';
import { type Action, type Around, page } from '../console-page.js';
import { eventsOf } from '../models/answers.js';
import { settingsOf, touches, type Change, type Setting } from '../models/settings.js';
import { actButton, eventLink, link, none, when } from '../show.js';

export const settings = page<readonly Setting[]>({
  title: 'Settings',
  load: async (client) => {
    const query = { category: 'config', order: 'newest', limit: '200' } as const;
    const [config, switches, { items }] = await Promise.all([
      client.get('/admin/config'),
      client.get('/admin/kill-switches'),
      client.get('/admin/events', { query }),
    ]);
    return settingsOf(config.items, switches.items, eventsOf(items));
  },
  show: (all, around) => {
    const of = (kind: Setting['kind']) => all.filter((setting) => setting.kind === kind);
    return html`
      <header class="head"><h1>Settings</h1></header>
      ${table('Kill switches', of('switch'), around)} ${table('Config', of('config'), around)}
    `;
  },
});

function table(title: string, all: readonly Setting[], around: Around): TemplateResult {
  // What somebody has changed is what people come to look for.
  const sorted = all.toSorted((a, b) => Number(b.changes.length > 0) - Number(a.changes.length > 0));
  return html`<section class="card flush">
    <h2>${title}</h2>
    ${all.length === 0 ? none('None.') : nothing}
    <table class="rows settings">
      <thead>
        <tr>
          <th>Setting</th>
          <th>In force</th>
          <th>Changed</th>
          <th></th>
        </tr>
      </thead>
      <tbody>
        ${sorted.map((setting) => row(setting, around))}
      </tbody>
    </table>
  </section>`;
}

function row(setting: Setting, around: Around): TemplateResult {
  const { key, value, isDefault, changes, description } = setting;
  const [newest, ...older] = changes;
  return html`<tr class=${around.query.key === key ? 'open' : ''}>
    <th scope="row">
      <code>${key}</code>
      <p class="quiet">${description}</p>
    </th>
    <td>
      <b class="value">${value}</b>
      ${isDefault ? html`<span class="quiet">default</span>` : html`<span class="badge warn">default ${setting.default}</span>`}
    </td>
    <td>
      ${newest ? changeText(newest) : html`<span class="quiet">never</span>`}
      ${
        older.length === 0
          ? nothing
          : html`<details>
              <summary>${older.length} before</summary>
              ${older.map(changeText)}
            </details>`
      }
    </td>
    <td class="acts">
      ${setting.kind === 'switch' ? actButton(around, flip(setting, around)) : actButton(around, change(setting, around))}
    </td>
  </tr>`;
}

function changeText({ eventId, at, by, reason, before, after }: Change): TemplateResult {
  return html`<p class="change">
    ${eventLink(eventId, when(at))} by ${link({ page: 'people', id: by }, by.slice(0, 8))}: ${before ?? '–'} →
    <b>${after}</b>
    ${reason === null ? nothing : html`<q>${reason}</q>`}
  </p>`;
}

function change(setting: Setting, { client }: Around): Action {
  const { key, value } = setting;
  return {
    title: `Change ${key}`,
    verb: 'Change',
    preview: [`It is ${value} now; by default ${setting.default}.`, touches(setting)],
    fields: [{ name: 'value', label: 'New value', value, isRequired: true }],
    run: async (reason, values) => {
      await client.put('/admin/config/{key}', { params: { key }, body: { reason, value: typed(values.value ?? '') } });
    },
  };
}

function flip(setting: Setting, { client }: Around): Action {
  const engaged = setting.value !== 'engaged';
  return {
    title: `${engaged ? 'Engage' : 'Release'} the kill switch ${setting.key}`,
    verb: engaged ? 'Engage' : 'Release',
    isFinal: engaged,
    preview: [touches(setting)],
    run: async (reason) => {
      const name = setting.key as 'REFERRAL';
      await client.put('/admin/kill-switches/{name}', { params: { name }, body: { reason, engaged } });
    },
  };
}

/** A number, truth value or list as JSON has it; anything else as text. */
function typed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
