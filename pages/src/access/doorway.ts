/** How the pages look that are there before anybody is logged in. */
import { nothing, html, type TemplateResult } from '../vendor/lit.js';
import type { Content } from '../ui/parts.js';

export function doorway(title: string, text: Content, content: Content, below: Content = nothing): TemplateResult {
  return html`<div class="page narrow doorway">
    <section class="card stack" aria-labelledby="doorway-title">
      <h1 id="doorway-title">${title}</h1>
      ${text === nothing ? nothing : html`<p class="quiet">${text}</p>`} ${content}
    </section>
    ${below}
  </div>`;
}
