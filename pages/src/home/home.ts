/** The first page: what this is, as whom to look around in a demonstration, and where everything is. */
import type { App, Screen } from '../app/app.js';
import { words } from '../app/format.js';
import { personas, type Persona } from '../app/personas.js';
import { createResource } from '../app/resource.js';
import { badge, skeleton } from '../ui/parts.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';

/** Elsewhere nobody is there to ask for. */
const isDemo = 'demo' in document.documentElement.dataset;

export function openHome(app: App): Screen {
  const people = createResource(app, () => personas(app.client));
  let chosen: string | null = null;
  if (isDemo) void people.load();

  async function play({ name, role }: Persona): Promise<void> {
    chosen = name;
    app.redraw();
    try {
      await app.session.play(name);
      app.go(role === 'USER' ? '/me' : '/console');
    } catch (error) {
      chosen = null;
      app.fail(error);
      app.redraw();
    }
  }

  /** Not there outside a demonstration: then the page says nothing of it. */
  function demonstration(): TemplateResult | typeof nothing {
    if (!isDemo || people.error !== undefined) return nothing;
    return html`<section class="section">
      <h2>Look around as somebody</h2>
      <p>People of the demonstration. One click, no password.</p>
      ${
        people.data === undefined
          ? skeleton(4)
          : html`<ul class="people">
              ${people.data.map((persona) => html`<li>${personaButton(persona, chosen !== null, () => void play(persona))}</li>`)}
            </ul>`
      }
    </section>`;
  }

  return {
    title: 'Welcome',
    leave: people.stop,
    view: () =>
      html`<div class="page">
        <div class="hero">
          <h1>Dashboards that can say why.</h1>
          <p>
            Fans pay for messages, creators answer and are paid out. Every number that they see is made of recorded
            events, is there at once, and can be followed back to what made it.
          </p>
        </div>
        ${demonstration()}
        <section class="section">
          <h2>Where things are</h2>
          <ul class="people">
            ${WAYS.map(
              ({ href, title, text }) =>
                html`<li>
                  <a class="way" href=${href}><strong>${title}</strong><span>${text}</span></a>
                </li>`,
            )}
          </ul>
        </section>
      </div>`,
  };
}

const WAYS = [
  {
    href: '/me',
    title: 'My dashboard',
    text: 'Earnings, level, messages to answer, payouts and referrals, moving live.',
  },
  { href: '/console', title: 'Console', text: 'For staff: what waits, what happened, and why a number is what it is.' },
  { href: '/docs', title: 'API documentation', text: 'Every route, to read and to try.' },
  { href: '/openapi.json', title: 'OpenAPI', text: 'The same for programs; types and client are made of it.' },
] as const;

function personaButton({ name, role, text }: Persona, isBusy: boolean, onClick: () => void): TemplateResult {
  return html`<button type="button" class="persona" data-name=${name} ?disabled=${isBusy} @click=${onClick}>
    <strong>${words(name)} ${role === 'USER' ? nothing : badge(words(role), 'accent')}</strong>
    <span>${text}</span>
  </button>`;
}
