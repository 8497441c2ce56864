/** The client beside a server that is a function: what it sends, remembers, repeats, and throws. */
import { createManualTime, settled, type ManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { expect } from 'chai';
import { ApiError, createClient, RateLimited, Unauthorized, ValidationFailed, type Client } from '../src/index.js';

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const ok = (data: unknown, headers?: Record<string, string>) => json({ success: true, data }, 200, headers);
const refused = (status: number, code: string, headers?: Record<string, string>) => {
  const error = { code, message: 'No.', i18nKey: 'a.key', i18nVars: {}, details: [], correlationId: 'c1' };
  return json({ success: false, error }, status, headers);
};

describe('The client', () => {
  let time: ManualTime;
  let sent: Sent[];
  let answers: (Response | Error)[];
  let token: string | null;
  let client: Client;
  let refreshed: number;
  let onAbort: (() => void)[];

  beforeEach(() => {
    time = createManualTime(0);
    [sent, answers, token, refreshed, onAbort] = [[], [], 'token-1', 0, []];
    let keys = 0;
    client = createClient({
      baseUrl: 'https://api.example',
      token: () => token,
      async refresh() {
        refreshed += 1;
        token = token === 'token-1' ? 'token-2' : token;
        return token === 'token-2';
      },
      surroundings: {
        async fetch(url, { method = 'GET', headers, body, signal } = {}) {
          signal?.addEventListener('abort', () => onAbort.forEach((call) => call()));
          const parsed = typeof body === 'string' ? (JSON.parse(body) as unknown) : undefined;
          sent.push({ method, url: url as string, headers: headers as Sent['headers'], body: parsed });
          const answer = answers.shift();
          if (!answer || answer instanceof Error) throw answer ?? new Error('nothing was expected');
          return answer;
        },
        now: time.now,
        after: time.after,
        newKey: () => `key-${(keys += 1)}`,
        chance: () => 0.5,
      },
    });
  });

  const failure = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => null,
      (error: unknown) => error,
    );

  it('fills paths and queries in, and sends its token', async () => {
    answers = [ok({ dmPrice: '5.00' }), ok([])];
    const params = { creatorId: 'a/b' };
    expect(await client.get('/creators/{creatorId}/dm-config', { params })).to.deep.equal({ dmPrice: '5.00' });
    await client.get('/admin/events', { query: { type: 'User & Co', limit: '5' } });
    expect(sent[0]).to.include({ method: 'GET', url: 'https://api.example/api/v1/creators/a%2Fb/dm-config' });
    expect(sent[0]?.headers).to.deep.equal({ Authorization: 'Bearer token-1' });
    expect(sent[1]?.url).to.equal('https://api.example/api/v1/admin/events?type=User+%26+Co&limit=5');
  });

  it('remembers by ETag what it has read, for the same token alone', async () => {
    answers = [ok({ n: 1 }, { ETag: 'W/"1"' }), new Response(null, { status: 304, headers: { 'X-Position': '9' } })];
    await client.get('/creators/dashboard');
    expect(await client.read('/creators/dashboard')).to.include({ position: '9', isStale: false });
    expect(sent.map(({ headers }) => headers['If-None-Match'])).to.deep.equal([undefined, 'W/"1"']);
    token = 'of somebody else';
    answers = [ok({ n: 2 })];
    expect(await client.get('/creators/dashboard')).to.deep.equal({ n: 2 });
    expect(sent[2]?.headers).to.not.have.property('If-None-Match');
  });

  it('reads what it has written: later reads name the highest position', async () => {
    answers = [ok({ position: '12' }), ok({ position: '9' }), ok({})];
    await client.post('/payouts/request', { body: { amount: '10.00', method: 'BANK_TRANSFER' } });
    await client.post('/messages/{id}/reply', { params: { id: 'm' }, body: { content: 'Hi' } });
    await client.get('/creators/profile');
    expect(sent[2]?.headers['Read-After']).to.equal('12');
  });

  it('repeats a write of which no answer came with the same Idempotency-Key, twice', async () => {
    answers = [new TypeError('no network'), new TypeError('no network'), ok({ position: '1' })];
    const written = client.post('/payouts/request', { body: { amount: '10.00', method: 'BANK_TRANSFER' } });
    await time.advance(500);
    await time.advance(2_000);
    expect(await written).to.deep.equal({ position: '1' });
    expect(sent.map(({ headers }) => headers['Idempotency-Key'])).to.deep.equal(['key-1', 'key-1', 'key-1']);
    answers = [new TypeError('1'), new TypeError('2'), new TypeError('3')];
    const lost = failure(client.post('/payouts/request', { body: { amount: '10.00', method: 'BANK_TRANSFER' } }));
    await time.advance(2_500);
    expect(await lost).to.have.property('message', '3');
  });

  it('repeats no write that was answered, and no read', async () => {
    answers = [refused(503, 'COMMON_UNAVAILABLE', { 'Retry-After': '1' }), new TypeError('no network')];
    const body = { content: 'Hi' };
    const error = await failure(client.post('/messages/{id}/reply', { params: { id: 'm' }, body }));
    expect(error).to.be.instanceOf(ApiError).and.include({ status: 503, retryAfter: 1, code: 'COMMON_UNAVAILABLE' });
    expect(await failure(client.get('/creators/dashboard'))).to.be.instanceOf(TypeError);
    expect(sent).to.have.length(2);
  });

  it('throws errors by class, and one of its own where the answer is none of the API', async () => {
    const classes = { AUTH_UNAUTHORIZED: Unauthorized, VALIDATION_FAILED: ValidationFailed, RATE_LIMITED: RateLimited };
    for (const [code, its] of Object.entries(classes)) {
      answers = [refused(400, code)];
      const error = await failure(client.get('/creators/dashboard'));
      expect(error).to.be.instanceOf(its).and.instanceOf(ApiError);
      expect(error).to.include({ message: 'No.', i18nKey: 'a.key', correlationId: 'c1' });
    }
    answers = [new Response('<h1>Bad gateway</h1>', { status: 502 })];
    expect(await failure(client.get('/creators/dashboard'))).to.include({ status: 502, code: 'UNKNOWN' });
  });

  it('takes a new token where the old one is refused, once for all calls that wait', async () => {
    answers = [refused(401, 'AUTH_UNAUTHORIZED'), refused(401, 'AUTH_UNAUTHORIZED'), ok({}), ok({})];
    await Promise.all([client.get('/creators/dashboard'), client.get('/creators/profile')]);
    expect(refreshed).to.equal(1);
    expect(sent.map(({ headers }) => headers.Authorization?.slice(-1))).to.deep.equal(['1', '1', '2', '2']);
    answers = [refused(401, 'AUTH_UNAUTHORIZED'), refused(401, 'AUTH_UNAUTHORIZED')];
    expect(await failure(client.get('/creators/dashboard'))).to.be.instanceOf(Unauthorized);
  });

  describe('that follows dashboards', () => {
    const frame = (event: string, data: unknown, id?: string) =>
      `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
    const stream = (...parts: string[]) => new Response(parts.join(''));
    const expiring = (seconds: number) => `x.${btoa(JSON.stringify({ exp: seconds }))}.y`;
    let told: unknown[];
    const following = () => ({
      views: ['creatorDashboard', 'referralDashboard'] as const,
      onData: (...state: unknown[]) => void told.push(state),
      onMissing: (...why: unknown[]) => void told.push(why),
      onState: (isLive: boolean) => void told.push(isLive),
      onEnd: (why: string) => void told.push(why),
    });
    beforeEach(() => void (told = []));

    it('tells what comes, and comes back with what it holds when the connection breaks', async () => {
      const state = { success: true, data: { n: 1 } };
      const missing = { success: false, error: { i18nKey: 'referral.error.not_found' } };
      const text = `:\n\n${frame('creatorDashboard', state, 'W/"1"')}${frame('referralDashboard', missing)}`;
      answers = [stream(text.slice(0, 30), text.slice(30)), stream()];
      const leave = client.subscribe(following());
      await settled();
      expect(told).to.deep.equal([
        true,
        ['creatorDashboard', { n: 1 }],
        ['referralDashboard', 'referral.error.not_found'],
        false,
      ]);
      await time.advance(1_000);
      expect(sent[1]?.headers['Last-Event-ID']).to.equal('creatorDashboard=W/"1"');
      leave();
      await time.advance(60_000);
      expect([sent.length, time.pending()]).to.deep.equal([2, 0]);
    });

    it('waits longer each time it is cut off, at most half a minute', async () => {
      answers = Array.from({ length: 9 }, () => stream());
      const leave = client.subscribe(following());
      const begun = [];
      for (let second = 0; second <= 130; second += 1) {
        await settled();
        while (begun.length < sent.length) begun.push(second);
        await time.advance(1_000);
      }
      expect(begun.slice(0, 8)).to.deep.equal([0, 1, 3, 7, 15, 31, 61, 91]);
      leave();
      await settled();
    });

    it('takes a new token half a minute before the old one ends', async () => {
      let isAborted = false;
      const open = new Response(
        new ReadableStream({
          start: (controller) =>
            onAbort.push(() => {
              isAborted = true;
              controller.error(new Error('aborted'));
            }),
        }),
      );
      token = expiring(100);
      answers = [open, new Response(new ReadableStream())];
      client.subscribe(following());
      await settled();
      await time.advance(69_999);
      expect([isAborted, refreshed]).to.deep.equal([false, 0]);
      await time.advance(1);
      expect([isAborted, refreshed, sent.length]).to.deep.equal([true, 1, 2]);
      expect(told, 'it was live all the while').to.deep.equal([true, true]);
    });

    it('says why it ends where it gets no new token', async () => {
      token = 'of somebody suspended';
      answers = [stream(frame('end', { reason: 'auth.account.unknown' }))];
      client.subscribe(following());
      await settled();
      expect(told).to.deep.equal([true, false, 'auth.account.unknown']);
      expect([refreshed, time.pending()]).to.deep.equal([1, 0]);
    });
  });
});
