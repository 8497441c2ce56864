/** Logging in, and then on to where one wanted to go. */
import type { App, Screen } from '../app/app.js';
import { ownPath, type Place } from '../app/place.js';
import type { StaffRole } from '../app/session.js';
import { createForm } from '../ui/form.js';
import { ApiError } from '../vendor/client.js';
import { html, nothing } from '../vendor/lit.js';
import { doorway } from './doorway.js';

/** The choice stands there only for who comes from the console, or asks for it. */
const ROLES = [
  { value: '', text: 'As myself' },
  { value: 'ADMIN', text: 'As an administrator' },
  { value: 'AUDITOR', text: 'As an auditor' },
] as const;

export function openLogin(app: App, { query }: Place): Screen {
  const next = ownPath(query.get('next'));
  const isForStaff = query.has('staff') || (next ?? '').startsWith('/console');
  let isUnproved = false;

  const form = createForm(app, async ({ email = '', password = '', as = '' }) => {
    try {
      await app.session.login(email.trim(), password, as === '' ? undefined : (as as StaffRole));
    } catch (error) {
      isUnproved = error instanceof ApiError && error.i18nKey === 'auth.login.email_not_verified';
      throw error;
    }
    app.go(next ?? (as === '' ? '/me' : '/console'), { replace: true });
  });

  const staffLogin = `/login?${String(new URLSearchParams({ staff: '1', ...(next !== null && { next }) }))}`;
  return {
    title: 'Log in',
    view: () =>
      doorway(
        'Log in',
        next === null ? nothing : 'Then you are taken to the page that you wanted to see.',
        form.view({
          action: 'Log in',
          fields: [
            { name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'username', isRequired: true },
            {
              ...{ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' },
              isRequired: true,
            },
            ...(isForStaff ? [{ name: 'as', label: 'Role', value: 'ADMIN', options: ROLES }] : []),
          ],
          beside: isUnproved
            ? html`<a class="button" href="/auth/verify-email">Have the link sent again</a>`
            : html`<a href="/auth/reset-password">Forgot your password?</a>`,
        }),
        isForStaff
          ? nothing
          : html`<p class="small quiet">You work here? <a href=${staffLogin}>Log in with a role of staff</a></p>`,
      ),
  };
}
