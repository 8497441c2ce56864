/** The small parts that pages are made of. Each is a function of data to a template; none keeps anything. */
import { html, ifDefined, nothing, type TemplateResult } from '../vendor/lit.js';
import { explained } from '../app/errors.js';
import type { Resource } from '../app/resource.js';

export type Content = TemplateResult | string | typeof nothing | readonly (TemplateResult | typeof nothing)[];
export type Tone = 'good' | 'warn' | 'bad' | 'accent' | 'plain';

export interface ButtonOptions {
  readonly text: Content;
  readonly onClick?: (event: Event) => void;
  readonly kind?: 'primary' | 'secondary' | 'quiet' | 'danger';
  /** Under way: cannot be pressed again. */
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  readonly isSubmit?: boolean;
  readonly isSmall?: boolean;
  /** Where the text does not say it alone. */
  readonly label?: string;
}

export function button(options: ButtonOptions): TemplateResult {
  const { text, onClick, kind = 'secondary', isBusy = false, isDisabled = false, isSubmit = false } = options;
  return html`<button
    type=${isSubmit ? 'submit' : 'button'}
    class="button ${kind} ${options.isSmall ? 'small' : ''}"
    ?disabled=${isBusy || isDisabled}
    aria-busy=${isBusy ? 'true' : 'false'}
    aria-label=${ifDefined(options.label)}
    @click=${onClick}
  >
    ${text}
  </button>`;
}

export function badge(text: string, tone: Tone = 'plain'): TemplateResult {
  return html`<span class="badge ${tone}">${text}</span>`;
}

/** A number with what it is. */
export function stat(label: string, value: Content, hint: Content = nothing): TemplateResult {
  return html`<div class="stat">
    <dt>${label}</dt>
    <dd class="value">${value}</dd>
    ${hint === nothing ? nothing : html`<dd class="hint">${hint}</dd>`}
  </div>`;
}

export interface CardOptions {
  readonly title?: string;
  /** At the right of the title. */
  readonly aside?: Content;
  readonly className?: string;
}

export function card({ title, aside = nothing, className = '' }: CardOptions, content: Content): TemplateResult {
  return html`<section class="card ${className}" aria-label=${ifDefined(title)}>
    ${
      title === undefined
        ? nothing
        : html`<header>
            <h2>${title}</h2>
            ${aside}
          </header>`
    }
    ${content}
  </section>`;
}

/** Nothing is here yet: why, and what makes something be here. */
export function empty(title: string, text: Content = nothing, action: Content = nothing): TemplateResult {
  return html`<div class="empty">
    <p class="title">${title}</p>
    <p>${text}</p>
    ${action}
  </div>`;
}

/** Where text will be. */
export function skeleton(lines = 3): TemplateResult {
  return html`<div class="skeleton" role="status" aria-label="Loading">
    ${Array.from({ length: lines }, () => html`<span></span>`)}
  </div>`;
}

/** What failed, what to do, and a button that tries again. */
export function failure(error: unknown, again?: () => void): TemplateResult {
  return html`<div class="failure" role="alert">
    <p>${explained(error)}</p>
    ${again ? button({ text: 'Try again', onClick: again }) : nothing}
  </div>`;
}

/** What is got: a skeleton until it is there, then itself; where a later try failed, that above it. */
export function shown<T>(resource: Resource<T>, view: (data: T) => Content, waiting: Content = skeleton()): Content {
  const { data, error } = resource;
  const trouble = error === undefined ? nothing : failure(error, () => void resource.load());
  if (data === undefined) return error === undefined ? waiting : html`${trouble}`;
  return html`${trouble}${view(data)}`;
}

/** How much of something is done, 0 to 100. */
export function meter(label: string, percent: number): TemplateResult {
  return html`<progress max="100" .value=${percent} aria-label=${label}>${percent} %</progress>`;
}
