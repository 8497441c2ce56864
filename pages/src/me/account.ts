/** Name, password, where one is logged in, whom one has blocked, and the way out. */
import { NEW_PASSWORD_HINT } from '../access/new-password.js';
import { createForm } from '../ui/form.js';
import { card } from '../ui/parts.js';
import { html, nothing } from '../vendor/lit.js';
import { createBlocked, leaveCard } from './leaving.js';
import { createSessions } from './sessions.js';
import type { Me, Tab } from './tab.js';

export function openAccount(me: Me): Tab {
  const { app, account, reload } = me;
  const sessions = createSessions(me);
  void sessions.load();
  const blocked = createBlocked(me);
  void blocked.load();

  const name = createForm(app, async ({ username = '' }) => {
    await app.client.patch('/users/username', { body: { username: username.trim() } });
    app.tell({ tone: 'good', text: 'That is your name now. Links with the old one still lead to you.' });
    await reload();
  });
  const password = createForm(app, async ({ currentPassword = '', newPassword = '' }) => {
    await app.client.post('/auth/password', { body: { currentPassword, newPassword } });
    app.tell({ tone: 'good', text: 'Your password is changed, and all other sessions have ended.' });
    await sessions.load();
  });
  return {
    leave() {
      sessions.stop();
      blocked.stop();
    },
    view: () =>
      html`<div class="page-head">
          <h1>Account</h1>
          <p class="quiet">${account.email}</p>
        </div>
        <div class="grid">
          ${sessions.view()}
          ${card(
            { title: 'Name' },
            name.view({
              action: 'Change the name',
              kind: 'secondary',
              fields: [
                {
                  ...{ name: 'username', label: 'Username', value: account.username ?? '', autocomplete: 'off' },
                  ...{
                    maxlength: 100,
                    isRequired: true,
                    hint: 'Your page and your referral link have it in their address.',
                  },
                },
              ],
            }),
          )}
          ${card(
            { title: 'Password' },
            password.view({
              action: 'Change the password',
              kind: 'secondary',
              fields: [
                {
                  ...{ name: 'currentPassword', label: 'Current password', type: 'password', isRequired: true },
                  autocomplete: 'current-password',
                },
                {
                  ...{ name: 'newPassword', label: 'New password', type: 'password', isRequired: true },
                  ...{ autocomplete: 'new-password', minlength: 8, maxlength: 128, hint: NEW_PASSWORD_HINT },
                },
              ],
            }),
          )}
          ${
            account.emailVerified
              ? nothing
              : card(
                  { title: 'Your e-mail address' },
                  html`<p>It is not confirmed yet, so you cannot send messages.</p>
                    <p class="row"><a class="button" href="/auth/verify-email">Have the link sent again</a></p>`,
                )
          }
          ${blocked.view()} ${leaveCard(me)}
        </div>`,
  };
}
