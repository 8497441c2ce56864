/**
 * Who is here. The access token is held in memory and nowhere else; the refresh token is a cookie that no script can read. What a
 * browser keeps is only whether there may be such a cookie, so that nobody is asked in vain.
 */
import { createClient, type Client } from '../vendor/client.js';
import { personaToken } from './personas.js';

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
  const strangers = createClient();
  let token: string | null = null;
  const client = createClient({ token: () => token, refresh });

  async function refresh(): Promise<boolean> {
    if (localStorage.getItem(HAS_COOKIE) === null) return false;
    try {
      token = (await strangers.post('/auth/refresh')).accessToken;
      return true;
    } catch {
      return false;
    }
  }

  function begin(accessToken: string): void {
    token = accessToken;
    localStorage.setItem(HAS_COOKIE, '1');
  }

  function forget(): void {
    token = null;
    localStorage.removeItem(HAS_COOKIE);
  }

  return {
    client,
    who: () => whoOf(token),
    token: () => token,
    forget,
    async start() {
      token = takeToken();
      if (token === null && !(await refresh())) forget();
    },
    async login(email, password, as) {
      begin((await strangers.post('/auth/login', { body: { email, password, ...(as && { as }) } })).accessToken);
    },
    async play(persona) {
      begin(await personaToken(strangers, persona));
    },
    async logout(where) {
      try {
        if (where === 'everywhere') await client.delete('/auth/sessions');
        else if (localStorage.getItem(HAS_COOKIE) !== null) await strangers.post('/auth/logout');
      } finally {
        forget();
      }
    },
  };
}

/** `#token=…` of the address, which is taken out at once, so that neither history nor a link holds it. */
function takeToken(): string | null {
  const { hash, pathname, search } = location;
  // Below /auth it is the token of a mail, which is for that page.
  const found = pathname.startsWith('/auth/') ? null : new URLSearchParams(hash.slice(1)).get('token');
  if (found !== null) history.replaceState(null, '', pathname + search);
  return found;
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
