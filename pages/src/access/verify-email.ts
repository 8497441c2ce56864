/** Where the mailed link leads that proves an address: its token is exchanged at once. Without one: asks for such a link. */
import type { App, Screen } from '../app/app.js';
import { takeToken } from '../app/place.js';
import { failure, skeleton } from '../ui/parts.js';
import { ApiError } from '../vendor/client.js';
import { html, nothing } from '../vendor/lit.js';
import { doorway } from './doorway.js';
import { createMailRequest } from './mail-request.js';

export function openVerifyEmail(app: App): Screen {
  const token = takeToken();
  let state: 'asking' | 'waiting' | 'over' | 'failed' | 'done' = token === null ? 'asking' : 'waiting';
  let error: unknown;
  const request = createMailRequest(app, '/auth/email/resend');

  async function exchange(mailed: string): Promise<void> {
    state = 'waiting';
    app.redraw();
    try {
      await app.client.post('/auth/email/verify', { body: { token: mailed } });
      state = 'done';
    } catch (refused) {
      state = refused instanceof ApiError && refused.i18nKey === 'auth.mail.invalid_token' ? 'over' : 'failed';
      error = refused;
    }
    app.redraw();
  }
  if (token !== null) void exchange(token);

  return {
    title: 'E-mail address',
    view() {
      if (state === 'waiting') return doorway('One moment', nothing, skeleton(2));
      if (state === 'done')
        return doorway(
          'Your address is confirmed',
          'Everything can be used now.',
          html`<a class="button primary" href="/me">Go on</a>`,
        );
      if (state === 'failed' && token !== null)
        return doorway(
          'That did not work',
          nothing,
          failure(error, () => void exchange(token)),
        );
      return state === 'over'
        ? doorway('This link does not work any more', 'It was used, or is too old. Have another one sent.', request())
        : doorway('Confirm your e-mail address', 'We mail you a link that does it.', request());
    },
  };
}
