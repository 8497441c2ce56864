/** Asks for a mail with a link. The answer is the same whoever has the address, so the page does not know either. */
import type { App } from '../app/app.js';
import { createForm } from '../ui/form.js';
import { html, type TemplateResult } from '../vendor/lit.js';

type MailPath = '/auth/password/forgot' | '/auth/email/resend';

export function createMailRequest(app: App, path: MailPath): () => TemplateResult {
  let sentTo: string | null = null;
  const form = createForm(app, async ({ email = '' }) => {
    await app.client.post(path, { body: { email: email.trim() } });
    sentTo = email.trim();
  });
  return () =>
    sentTo === null
      ? form.view({
          action: 'Send the link',
          fields: [{ name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'email', isRequired: true }],
          beside: html`<a href="/login">Back to the login</a>`,
        })
      : html`<p role="status">
          If it can be used for <b>${sentTo}</b>, a link is on its way. Nothing after some minutes? Look among unwanted
          mail, then <a href="/login">log in</a> or come back here.
        </p>`;
}
