/** Whom one has blocked, and the end of one's account. */
import { Mistake } from '../app/errors.js';
import { day } from '../app/format.js';
import { createList } from '../app/list.js';
import { ask } from '../ui/dialog.js';
import { button, card } from '../ui/parts.js';
import { moreOf } from '../ui/rows.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';
import { act, type Me } from './tab.js';

export function createBlocked({ app }: Me) {
  const list = createList(app, (from, signal) => app.client.get('/users/blocked', { query: from, signal }));
  const unblock = (userId: string) =>
    act(app, 'You may write to each other again.', async () => {
      await app.client.delete('/users/block/{userId}', { params: { userId } });
      await list.load();
    });
  return {
    load: list.load,
    stop: list.stop,
    /** Nothing where nobody is blocked. */
    view: (): TemplateResult | typeof nothing =>
      list.data?.items.length
        ? card(
            { title: 'Blocked' },
            html`<ul class="lines">
                ${list.data.items.map(({ userId, username, blockedAt }) => {
                  const name = username === null ? 'Somebody without a name' : `@${username}`;
                  return html`<li>
                    <p>${name}<br /><span class="quiet small">since ${day(blockedAt)}</span></p>
                    ${button({ text: 'Unblock', label: `Unblock ${name}`, isSmall: true, onClick: () => void unblock(userId) })}
                  </li>`;
                })}
              </ul>
              ${moreOf(list)}`,
          )
        : nothing,
  };
}

/** Of an account that is switched off already: the way back. */
export function leaveCard({ app, account, reload }: Me): TemplateResult {
  const name = account.username ?? 'delete';
  const remove = () =>
    ask({
      title: 'Delete your account?',
      body: 'It is switched off now, and erased for good after a while. Until then you can log in and take it back.',
      action: 'Delete my account',
      isDangerous: true,
      fields: [
        { name: 'name', label: `Type ${name}`, isRequired: true },
        { name: 'forfeit', label: 'Give up the money that is left', type: 'checkbox' },
      ],
      async act({ values }) {
        if (values.name !== name) throw new Mistake(`That is not ${name}.`);
        await app.client.post('/users/delete', { body: { forfeit: values.forfeit === 'on' } });
        await app.session.logout('here');
        app.go('/');
      },
    });
  const takeBack = () =>
    act(app, 'Your account stays.', async () => {
      await app.client.post('/users/reactivate');
      await reload();
    });
  const way =
    account.status === 'DEACTIVATED'
      ? button({ text: 'Take my account back', kind: 'primary', onClick: () => void takeBack() })
      : button({ text: 'Delete my account', kind: 'danger', onClick: () => void remove() });
  return card({ title: 'Leave' }, html`<p class="row">${way}</p>`);
}
