/** The names of those with whom one has written, by their ids. */
import type { App } from '../app/app.js';
import { createResource } from '../app/resource.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';

export function createPartners(app: App, role: 'fan' | 'creator') {
  const names = createResource(app, async (signal) => {
    const { items } = await app.client.get('/messages/conversations', { query: { role, limit: '50' }, signal });
    return new Map(items.map(({ otherParty: { userId, username } }) => [userId, username]));
  });
  return {
    load: names.load,
    stop: names.stop,
    /** Nothing of somebody who has no name, was erased, or wrote too long ago. */
    name(userId: string): TemplateResult | typeof nothing {
      const name = names.data?.get(userId) ?? null;
      return name === null ? nothing : html`<b>@${name}</b>`;
    },
  };
}
