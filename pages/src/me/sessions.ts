/** Where one is logged in, and the end of it. */
import { ago, day } from '../app/format.js';
import { createResource } from '../app/resource.js';
import { badge, button, card, shown } from '../ui/parts.js';
import type { DataOf } from '../vendor/client.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';
import { act, type Me } from './tab.js';

type Session = DataOf<'/auth/sessions', 'get'>['items'][number];

export function createSessions({ app }: Me) {
  const sessions = createResource(app, (signal) => app.client.get('/auth/sessions', { signal }));
  const end = ({ id }: Session) =>
    act(app, 'That session has ended.', async () => {
      await app.client.delete('/auth/sessions/{sessionId}', { params: { sessionId: id } });
      await sessions.load();
    });
  const leave = () =>
    act(app, 'You are logged out everywhere.', async () => {
      await app.session.logout('everywhere');
      app.go('/');
    });

  const row = (session: Session): TemplateResult => {
    const device = session.device ?? 'Unknown device';
    const label = `End the session of ${device}`;
    return html`<li>
      <p>
        ${device} ${session.current ? badge('This one', 'accent') : nothing}<br />
        <span class="quiet small">since ${day(session.startedAt)}, last used ${ago(session.refreshedAt)}</span>
      </p>
      ${session.current ? nothing : button({ text: 'End', label, isSmall: true, onClick: () => void end(session) })}
    </li>`;
  };

  return {
    load: sessions.load,
    stop: sessions.stop,
    view: () =>
      card(
        { title: 'Where you are logged in' },
        html`${shown(
            sessions,
            ({ items }) =>
              html`<ul class="lines">
                ${items.map(row)}
              </ul>`,
          )}
          <p class="row">${button({ text: 'Log out everywhere', kind: 'danger', onClick: () => void leave() })}</p>
          <p class="hint">Pages that are open elsewhere are out within 15 minutes.</p>`,
      ),
  };
}
