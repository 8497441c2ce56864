/** Where the mailed link to a new password leads. Without its token: asks for such a link. */
import type { App, Screen } from '../app/app.js';
import { Mistake } from '../app/errors.js';
import { takeToken } from '../app/place.js';
import { createForm } from '../ui/form.js';
import { ApiError } from '../vendor/client.js';
import { html, nothing } from '../vendor/lit.js';
import { doorway } from './doorway.js';
import { createMailRequest } from './mail-request.js';
import { NEW_PASSWORD_HINT } from './new-password.js';

export function openResetPassword(app: App): Screen {
  const token = takeToken();
  let state: 'asking' | 'choosing' | 'over' | 'done' = token === null ? 'asking' : 'choosing';
  const request = createMailRequest(app, '/auth/password/forgot');
  const form = createForm(app, async ({ password = '', again = '' }) => {
    if (password !== again) throw new Mistake('The two passwords differ. Enter the same twice.');
    try {
      await app.client.post('/auth/password/reset', { body: { token: token ?? '', password } });
      // Every session of hers has ended.
      app.session.forget();
      state = 'done';
    } catch (error) {
      if (!(error instanceof ApiError && error.i18nKey === 'auth.mail.invalid_token')) throw error;
      state = 'over';
    }
  });
  const password = {
    type: 'password',
    autocomplete: 'new-password',
    minlength: 8,
    maxlength: 128,
    isRequired: true,
  } as const;
  return {
    title: 'New password',
    view() {
      if (state === 'done')
        return doorway(
          'Your password is changed',
          'You are logged out everywhere, and log in with the new one.',
          html`<a class="button primary" href="/login">Log in</a>`,
        );
      if (state === 'choosing')
        return doorway(
          'Choose a new password',
          nothing,
          form.view({
            action: 'Change the password',
            fields: [
              { ...password, name: 'password', label: 'New password', hint: NEW_PASSWORD_HINT },
              { ...password, name: 'again', label: 'The same again' },
            ],
          }),
        );
      return state === 'over'
        ? doorway('This link does not work any more', 'It was used, or is too old. Have another one sent.', request())
        : doorway('Forgot your password?', 'We mail you a link, with which you choose a new one.', request());
    },
  };
}
