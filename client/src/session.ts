/**
 * A session of one's own: logged in once, and refreshed by the cookie that the server set, which no script of a page can read. The access
 * token is kept in memory only, so a page that is loaded anew begins with `refresh`.
 */
import { createClient, type Client, type ClientOptions } from './client.js';
import { ApiError } from './errors.js';
import type { DataOf } from './operations.js';
import { here } from './surroundings.js';

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** A role of staff that the account was granted; USER unless given. */
  readonly as?: 'ADMIN' | 'AUDITOR';
}

export interface Session {
  /** Calls as whoever is logged in, and gets a new token where one is over. */
  readonly client: Client;
  /** The access token at present; null where nobody is logged in. */
  token(): string | null;
  /** Throws ApiError: 401 with why in `i18nKey`, 403 for a role that was not granted. */
  login(credentials: Credentials): Promise<void>;
  /** Goes on with a session that a login of before has opened. False: there is none, log in. */
  refresh(): Promise<boolean>;
  /** Ends the session here. The access token that was given is forgotten whether the server answers or not. */
  logout(): Promise<void>;
  /** Goes on as whoever got this token elsewhere, a persona of the demonstration; null: as nobody. */
  use(given: Pick<DataOf<'/auth/login', 'post'>, 'accessToken'> | null): void;
}

export interface SessionOptions extends Pick<ClientOptions, 'baseUrl' | 'surroundings'> {
  /** Called when somebody is logged in or is no longer. */
  readonly onChange?: (isLoggedIn: boolean) => void;
}

export function createSession({ onChange, surroundings = here, ...options }: SessionOptions = {}): Session {
  let token: string | null = null;
  const become = (next: string | null) => {
    const isOther = (token === null) !== (next === null);
    token = next;
    if (isOther) onChange?.(next !== null);
  };
  const fetchWithCookie: typeof fetch = (url, init) => surroundings.fetch(url, { ...init, credentials: 'include' });
  const withCookie = { ...surroundings, fetch: fetchWithCookie };
  const client = createClient({ ...options, surroundings: withCookie, token: () => token, refresh });
  /** Has no token: what asks for one must not ask to have it renewed. */
  const door = createClient({ ...options, surroundings: withCookie });

  async function refresh(): Promise<boolean> {
    try {
      become((await door.post('/auth/refresh')).accessToken);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error;
      become(null);
    }
    return token !== null;
  }

  return {
    client,
    token: () => token,
    refresh,
    use: (given) => become(given && given.accessToken),
    login: async (body) => become((await door.post('/auth/login', { body })).accessToken),
    async logout() {
      become(null);
      await door.post('/auth/logout');
    },
  };
}
