/** Calls of the API: with a token, with what was last read and written in mind, and with errors by class. */
import { errorOf } from './errors.js';
import { follow, type Following } from './live.js';
import { here, wait, type Surroundings } from './surroundings.js';
import type { Args, DataOf, Method, PathOf } from './operations.js';

export interface ClientOptions {
  /** Where the API is, without /api/v1; the page's own origin unless given. */
  readonly baseUrl?: string;
  /** The access token to call with; null for none. Asked before each call. */
  readonly token?: () => string | null | Promise<string | null>;
  /** Gets a new access token, which `token` answers from then on. False: there is none, log in again. Called once at a time. */
  readonly refresh?: () => Promise<boolean>;
  /** Those of this browser, or of Node, unless given. */
  readonly surroundings?: Surroundings;
}

/** What a read answers besides its data. */
export interface Read<D> {
  readonly data: D;
  /** Up to which position of the log it tells; null where the route does not say. */
  readonly position: string | null;
  /** It lacks what was just written, or nobody keeps it up to date at present. */
  readonly isStale: boolean;
  /** Something of this record waits for repair. */
  readonly isDegraded: boolean;
}

export interface Client {
  /** Reads. Throws ApiError, or what `fetch` throws where no answer came. */
  get<P extends PathOf<'get'>>(path: P, ...args: Args<P, 'get'>): Promise<DataOf<P, 'get'>>;
  /** As `get`, with what the answer says about itself. */
  read<P extends PathOf<'get'>>(path: P, ...args: Args<P, 'get'>): Promise<Read<DataOf<P, 'get'>>>;
  /** Writes: repeated with the same Idempotency-Key where no answer came. Later reads include what it wrote. */
  post<P extends PathOf<'post'>>(path: P, ...args: Args<P, 'post'>): Promise<DataOf<P, 'post'>>;
  put<P extends PathOf<'put'>>(path: P, ...args: Args<P, 'put'>): Promise<DataOf<P, 'put'>>;
  patch<P extends PathOf<'patch'>>(path: P, ...args: Args<P, 'patch'>): Promise<DataOf<P, 'patch'>>;
  delete<P extends PathOf<'delete'>>(path: P, ...args: Args<P, 'delete'>): Promise<DataOf<P, 'delete'>>;
  /** Follows the caller's dashboards as they change, until the function that it returns is called. */
  subscribe(following: Following): () => void;
}

interface Options {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly idempotencyKey?: string;
}

interface Remembered {
  readonly etag: string;
  readonly token: string | null;
  readonly read: Read<unknown>;
}

const REMEMBERED_MAX = 100;
/** Pauses before a write is repeated of which no answer came. */
const REPEAT_AFTER_MS = [500, 2_000];

export function createClient({
  baseUrl = '',
  token = () => null,
  refresh,
  surroundings = here,
}: ClientOptions = {}): Client {
  /** By address; the newest at the end. Each is of one token, so that nobody is shown what another was. */
  const remembered = new Map<string, Remembered>();
  let written = 0n;
  let refreshing: Promise<boolean> | null = null;

  const renewed = () => (refreshing ??= (refresh?.() ?? Promise.resolve(false)).finally(() => (refreshing = null)));

  /** With a new token where the one that `token` has is refused. */
  async function send(url: string, init: RequestInit, headers: Record<string, string>): Promise<Response> {
    for (let isSecond = false; ; isSecond = true) {
      const bearer = await token();
      const authorized = { ...headers, ...(bearer !== null && { Authorization: `Bearer ${bearer}` }) };
      const response = await surroundings.fetch(baseUrl + url, { ...init, headers: authorized });
      if (response.status !== 401 || isSecond || bearer === null) return response;
      if ((await token()) === bearer && !(await renewed())) return response;
    }
  }

  async function read(path: string, { params, query, signal }: Options = {}): Promise<Read<unknown>> {
    const url = addressOf(path, params, query);
    const known = remembered.get(url);
    const isMine = known !== undefined && known.token === (await token());
    const response = await send(
      url,
      { signal: signal ?? null },
      {
        ...(written > 0n && { 'Read-After': String(written) }),
        ...(isMine && { 'If-None-Match': known.etag }),
      },
    );
    const { headers } = response;
    const [isStale, isDegraded] = [headers.get('X-Stale') === 'true', headers.get('X-Degraded') === 'true'];
    const said = { position: headers.get('X-Position'), isStale, isDegraded };
    if (response.status === 304 && known) return { ...said, data: known.read.data };
    if (!response.ok) throw await errorOf(response);
    const result = { ...said, data: await dataOf(response) };
    remember(url, { etag: headers.get('ETag') ?? '', token: await token(), read: result });
    return result;
  }

  function remember(url: string, result: Remembered): void {
    remembered.delete(url);
    if (result.etag !== '') remembered.set(url, result);
    const [oldest] = remembered.keys();
    if (remembered.size > REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
  }

  async function write(method: Method, path: string, options: Options = {}): Promise<unknown> {
    const { params, query, body, signal, idempotencyKey = surroundings.newKey() } = options;
    const init = {
      method: method.toUpperCase(),
      signal: signal ?? null,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    const headers = {
      'Idempotency-Key': idempotencyKey,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    };
    const response = await repeated(() => send(addressOf(path, params, query), init, headers), signal);
    if (!response.ok) throw await errorOf(response);
    const data = await dataOf(response);
    const { position } = (data ?? {}) as { readonly position?: unknown };
    if (typeof position === 'string' && BigInt(position) > written) written = BigInt(position);
    return data;
  }

  async function repeated(once: () => Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
    for (const pause of REPEAT_AFTER_MS) {
      try {
        return await once();
      } catch (error) {
        if (signal?.aborted) throw error;
        await wait(surroundings, pause);
      }
    }
    return once();
  }

  const writing = (method: Method) => (path: string, options?: Options) => write(method, path, options);
  return {
    get: async (path: string, options?: Options) => (await read(path, options)).data,
    read,
    post: writing('post'),
    put: writing('put'),
    patch: writing('patch'),
    delete: writing('delete'),
    subscribe: (following) => follow(following, { ...surroundings, send, token, renewed }),
  } as Client;
}

async function dataOf(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  return ((await response.json()) as { readonly data?: unknown }).data;
}

/** "/creators/{creatorId}/dm-config" with its names filled in, and the query. */
function addressOf(path: string, params: Options['params'] = {}, query: Options['query'] = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const asked = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const search = String(new URLSearchParams(asked.map(([name, value]): [string, string] => [name, String(value)])));
  return `/api/v1${filled}${search && `?${search}`}`;
}
