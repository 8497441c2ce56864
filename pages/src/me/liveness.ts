/** What a page says of how fresh it is. */
import { badge } from '../ui/parts.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';

interface Fresh {
  readonly isLive: boolean;
  readonly isDegraded: boolean;
}

export function liveBadge({ isLive }: Fresh): TemplateResult {
  return html`<span class="live" role="status">${isLive ? badge('Live', 'good') : badge('Connecting…')}</span>`;
}

export function repairNotice({ isDegraded }: Fresh): TemplateResult | typeof nothing {
  if (!isDegraded) return nothing;
  return html`<p class="hold" role="status">
    These numbers wait for repair: what happened lately is missing here. It is not lost, and you need not do anything.
  </p>`;
}
