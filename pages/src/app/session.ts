/**
 * Who is here: a session of the client, which holds the access token in memory and nowhere else. What a browser keeps is only whether
 * there may be the cookie that renews it, so that nobody is asked in vain.
 */
import { createClient, createSession as openSession, type Client } from '../vendor/client.js';
import { personaToken } from './personas.js';
import { takeToken } from './place.js';

export interface Who {
  readonly userId: string;
  readonly role: 'USER' | 'ADMIN' | 'AUDITOR';
}

export type StaffRole = Exclude<Who['role'], 'USER'>;

export interface Session {
  /** Calls with the token, and gets a new one where it is refused. */
  readonly client: Client;
  /** Null: nobody has logged in. */
  who(): Who | null;
  /** To fetch what the client does not: a file. */
  token(): string | null;
  /** Takes the token of the address, or goes on with the session of the browser. */
  start(): Promise<void>;
  /** Throws ApiError. */
  login(email: string, password: string, as?: StaffRole): Promise<void>;
  /** As one of the people of the demonstration. Throws ApiError. */
  play(persona: string): Promise<void>;
  /** On this device, or on all. Throws ApiError where the server did not take it; it has ended here then, too. */
  logout(where: 'here' | 'everywhere'): Promise<void>;
  /** It has ended. */
  forget(): void;
}

const HAS_COOKIE = 'session';

export function createSession(): Session {
  const session = openSession();
  const { client, token } = session;
  const hasCookie = () => localStorage.getItem(HAS_COOKIE) !== null;
  const keep = () => localStorage.setItem(HAS_COOKIE, '1');

  function forget(): void {
    session.use(null);
    localStorage.removeItem(HAS_COOKIE);
  }

  return {
    ...{ client, token, forget },
    who: () => whoOf(token()),
    async start() {
      // Below /auth it is the token of a mail, which is for that page.
      const accessToken = location.pathname.startsWith('/auth/') ? null : takeToken();
      if (accessToken !== null) session.use({ accessToken });
      // Where no answer comes, the next page that is loaded asks again.
      else if (hasCookie() && !(await session.refresh().catch(() => true))) forget();
    },
    async login(email, password, as) {
      await session.login({ email, password, ...(as && { as }) });
      keep();
    },
    async play(persona) {
      session.use({ accessToken: await personaToken(createClient(), persona) });
      keep();
    },
    async logout(where) {
      try {
        if (where === 'everywhere') await client.delete('/auth/sessions');
        else if (hasCookie()) await session.logout();
      } finally {
        forget();
      }
    },
  };
}

/** What a token says of its holder; only for what to show, the server decides what she may. */
function whoOf(token: string | null): Who | null {
  if (token === null) return null;
  try {
    const [, claims = ''] = token.split('.');
    const { sub, role } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))) as {
      readonly sub: string;
      readonly role: Who['role'];
    };
    return { userId: sub, role };
  } catch {
    return null;
  }
}
