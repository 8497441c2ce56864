/** Whatever a caller sends: an answer in the envelope, never a 500, and nothing in the log unless it was accepted. */
import { isRead } from '@creator-dashboards/shared/http/route';
import { expect } from 'chai';
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { register } from './support/people.js';
import { pathOf, rawSender, samplesOf, type RawAnswer, type RawSender, type Sample } from './support/samples.js';
import { openSystem, type TestSystem } from './support/system.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const HUGE = 'x'.repeat(20_000);
const DEEP = `${'['.repeat(40)}${']'.repeat(40)}`;

/** JSON texts that no field of any body may have. */
const poison = {
  'half a surrogate pair': '"\\ud800"',
  'a null byte': '"a\\u0000b"',
  'a huge text': JSON.stringify(HUGE),
  'a number beyond doubles': '1e400',
  'a prototype': '{"__proto__":{"admin":true}}',
  'nesting without end': DEEP,
};

/** JSON texts of other types than a field's own, by the type in its schema. */
const otherTypes: Readonly<Record<string, readonly string[]>> = {
  string: ['5', 'true', '[]', '{}', '["x"]'],
  number: ['"5"', '"NaN"', 'true', '[]', '-1', '0.30000000000000004', '1e21'],
  boolean: ['"true"', '1', '0', '[]', '{}'],
  array: ['"x"', '{}', '5'],
  object: ['"x"', '5', '[]'],
};
/** The one field that may be a number or a text. */
const isPrice = (field: string, json: string) => field === 'dmPrice' && json === '"5"';
const typeOf = (value: unknown) => (Array.isArray(value) ? 'array' : typeof value);

/** Fields that only the server sets. */
const SERVER_OWNED = [
  ...['status', 'creatorId', 'userId', 'level', 'position', 'correlationId', 'actor', 'role', 'occurredAt'],
  ...['balance', 'commissionRate', 'totalEarnings', 'constructor', 'toString'],
];

const NO_AMOUNTS = [
  ...['0', '0.00', '-5.00', '-0', '1e3', ' 5.00', '5.00 ', '5.00\n', '5.000', '5,00', '.5', '5.', '+5', '0x10', ''],
  ...['NaN', 'Infinity', '٥.00', '5.00.00', '99999999999999999999'],
];

const NO_IDS = ['no-id', '0', '-1', '%00', '%20', 'null', '__proto__', '..%2f..', 'x'.repeat(300), '%F0%9F%92%A9'];

describe('Bad input', function () {
  let system: TestSystem;
  let sender: RawSender;
  let samples: Sample[];
  let takesBody: Sample[];

  before(async () => {
    system = await openSystem();
    sender = rawSender(system);
    samples = await samplesOf(system);
    takesBody = samples.filter(({ body }) => body !== null);
  });
  after(async () => {
    sender.end();
    await system.close();
  });

  const nameOf = ({ route }: Sample) => `${route.method} ${route.path}`;
  const sendText = (
    sample: Sample,
    body: string | Uint8Array,
    headers: Readonly<Record<string, string>> = {},
    query = '',
  ) =>
    sender.send(
      sample.route.method,
      `${pathOf(sample)}?${query}`,
      { ...JSON_TYPE, ...sample.headers(body), ...headers },
      body,
    );

  /** The body as JSON text with one field's value replaced by a JSON text. */
  function withField(body: object, field: string, json: string): string {
    const rest = Object.entries(body).filter(([name]) => name !== field);
    const texts = [...rest.map(([name, value]) => [name, JSON.stringify(value)] as const), [field, json] as const];
    return `{${texts.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
  }

  function expectRefusal({ status, text }: RawAnswer, what: string, statuses: readonly number[]): void {
    expect(statuses, `${what} ${status} ${text.slice(0, 300)}`).to.include(status);
    const { success, error } = JSON.parse(text) as { success: boolean; error: Record<string, unknown> };
    expect(success, what).to.equal(false);
    expect(error, what).to.have.all.keys('code', 'message', 'i18nKey', 'i18nVars', 'details', 'correlationId');
  }

  /** Sends all of them at once; each must be refused with one of these statuses, and together they append nothing. */
  async function refuseAll(
    calls: readonly { readonly what: string; readonly call: () => Promise<RawAnswer> }[],
    statuses: readonly number[] = [400],
  ): Promise<void> {
    expect(calls.length).to.be.greaterThan(0);
    const head = await system.head();
    const answers = await Promise.all(calls.map(({ call }) => call()));
    for (const [index, answer] of answers.entries()) expectRefusal(answer, calls[index]?.what ?? '', statuses);
    expect(await system.head(), 'something was appended').to.equal(head);
  }

  const forEachField = (
    jsonsOf: (field: string, value: unknown, sample: Sample) => readonly string[],
  ): { what: string; call: () => Promise<RawAnswer> }[] =>
    takesBody.flatMap((sample) =>
      Object.entries(sample.body ?? {}).flatMap(([field, value]) =>
        jsonsOf(field, value, sample).map((json) => ({
          what: `${nameOf(sample)} ${field}: ${json.slice(0, 40)}`,
          call: () => sendText(sample, withField(sample.body ?? {}, field, json)),
        })),
      ),
    );

  it('is made from one valid sample of each route', async () => {
    for (const sample of samples) {
      if (sample.route.path === '/auth/login') continue;
      const schema = sample.route.body;
      const checked = schema?.safeParse(sample.body);
      expect(checked?.error?.issues ?? [], nameOf(sample)).to.deep.equal([]);
      expect(sample.body === null, nameOf(sample)).to.equal(schema === undefined);
    }
  });

  it('is none in a HEAD, which writes nothing on any route, also where the GET makes what it reads', async () => {
    const newcomer = await register(system, 'newcomer');
    const head = await system.head();
    for (const sample of samples) {
      const callers = [sample.headers(''), ...(sample.route.who === 'user' ? [system.bearer(newcomer.userId)] : [])];
      for (const headers of callers) {
        const { status, text } = await sender.send('HEAD', pathOf(sample), headers, '');
        expect([status < 500, text], `${nameOf(sample)} ${status}`).to.deep.equal([true, '']);
        expect(await system.head(), `HEAD of ${nameOf(sample)}`).to.equal(head);
      }
    }
    const { linkId = '' } = samples.find(({ route }) => route.path === '/bio/links/:linkId/click')?.params ?? {};
    await system.catchUp();
    for (const { path } of system.pages) {
      const filled = path.replace(':linkId', linkId).replace(/:\w+/, 'caller');
      expect((await request(system.server).head(filled)).status, path).to.be.oneOf([200, 303]);
      expect(await system.head(), `HEAD of ${path}`).to.equal(head);
    }
    await newcomer.get('/referral/link');
    expect(Number(await system.head()), 'the GET that makes the link').to.be.greaterThan(Number(head));
  });

  for (const [name, json] of Object.entries(poison))
    it(`is refused in every field of every body: ${name}`, () => refuseAll(forEachField(() => [json])));

  it('is refused in every field: a value of another type', () =>
    refuseAll(
      forEachField((field, value) => (otherTypes[typeOf(value)] ?? []).filter((json) => !isPrice(field, json))),
    ));

  it('is refused on every route: unknown fields and fields that only the server sets', () =>
    refuseAll(
      samples
        .filter(({ route }) => route.method !== 'GET')
        .flatMap((sample) =>
          SERVER_OWNED.filter((field) => !Object.hasOwn(sample.body ?? {}, field)).map((field) => ({
            what: `${nameOf(sample)} with ${field}`,
            call: () => sendText(sample, withField(sample.body ?? {}, field, '"ACTIVE"')),
          })),
        ),
    ));

  it('is refused wherever money moves: an invalid amount', () =>
    refuseAll(forEachField((field) => (field === 'amount' ? NO_AMOUNTS.map((text) => JSON.stringify(text)) : []))));

  it('is refused: an invalid price', () => {
    const sample = takesBody.find((each) => nameOf(each) === 'PATCH /creators/:creatorId/dm-config') as Sample;
    const prices = [
      '0.30000000000000004',
      '5.001',
      '1e-7',
      '-0',
      '0',
      '-5',
      '5000.01',
      '500.01',
      '1e400',
      '"5.001"',
      '"1e1"',
    ];
    return refuseAll(
      prices.map((json) => ({
        what: json,
        call: () => sendText(sample, withField(sample.body ?? {}, 'dmPrice', json)),
      })),
    );
  });

  it('is refused: an invalid id in the path', () =>
    refuseAll(
      samples.flatMap((sample) =>
        Object.keys(sample.params)
          .filter((param) => /id$/i.test(param))
          .flatMap((param) =>
            NO_IDS.map((id) => {
              const spoiled = { ...sample, params: { ...sample.params, [param]: id } };
              return {
                what: `${nameOf(sample)} ${param} ${id}`,
                call: () => sendText(spoiled, sample.body ? JSON.stringify(sample.body) : ''),
              };
            }),
          ),
      ),
    ));

  it('is refused: a body that is not a JSON object', () =>
    refuseAll(
      samples
        .filter(({ route }) => route.method !== 'GET')
        .flatMap((sample) =>
          ['{', '{"a":1,}', "{'a':1}", 'null', '[]', '"text"', '5', '{}{}', '\0'].map((text) => ({
            what: `${nameOf(sample)} ${text}`,
            call: () => sendText(sample, text),
          })),
        ),
    ));

  it('is refused: broken UTF-8', () =>
    refuseAll(
      takesBody.map((sample) => ({
        what: nameOf(sample),
        call: () => sendText(sample, Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
      })),
    ));

  it('is a 415: another content type, or a compressed body', () =>
    refuseAll(
      takesBody.flatMap((sample) => {
        const text = JSON.stringify(sample.body);
        const types = ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', 'x'];
        return [
          ...types.map((type) => ({
            what: `${nameOf(sample)} ${type}`,
            call: () => sendText(sample, text, { 'Content-Type': type }),
          })),
          {
            what: `${nameOf(sample)} compressed`,
            call: () => sendText(sample, gzipSync(text), { 'Content-Encoding': 'gzip' }),
          },
        ];
      }),
      [415],
    ));

  it('is a 413: a body of more than 64 KiB', () =>
    refuseAll(
      takesBody.slice(0, 20).map((sample) => ({
        what: nameOf(sample),
        call: () => sendText(sample, JSON.stringify({ ...sample.body, more: 'x'.repeat(65_536) })),
      })),
      [413],
    ));

  it('is refused: blanks where a text has to say something', async () => {
    const must: Readonly<Record<string, readonly string[]>> = {
      'POST /messages': ['content'],
      'POST /messages/:id/reply': ['content'],
      'POST /messages/:id/reject': ['reason'],
      'POST /creators/upgrade': ['displayName'],
      'POST /creators/:creatorId/links': ['title', 'url', 'icon'],
      'PATCH /creators/bank-details': ['bankName', 'accountHolderName'],
      'PATCH /users/avatar': ['avatarUrl'],
      'POST /users/delete': ['reason'],
      'POST /admin/wallets/:userId/freeze': ['reason'],
    };
    const calls = takesBody.flatMap((sample) =>
      (must[nameOf(sample)] ?? []).map((field) => ({
        what: `${nameOf(sample)} ${field}`,
        call: () => sendText(sample, withField(sample.body ?? {}, field, '" \\u00a0\\n"')),
      })),
    );
    expect(calls).to.have.length(Object.values(must).flat().length);
    await refuseAll(calls);
  });

  it('is refused: an invalid Idempotency-Key', () =>
    refuseAll(
      samples
        .filter(({ route }) => !isRead(route))
        .flatMap((sample) =>
          ['', ' ', 'two words', 'tab\tin', 'ümlaut', 'x'.repeat(201), 'a, b'].map((key) => ({
            what: `${nameOf(sample)} key ${key}`,
            call: () => sendText(sample, JSON.stringify(sample.body ?? {}), { 'Idempotency-Key': key }),
          })),
        ),
    ));

  it('is a 404 or a 400: an unknown or malformed path, broken escapes included', async () => {
    const admin = system.bearer(system.adminId, 'ADMIN');
    const paths: [path: string, status: number][] = [
      ['/admin/config/%E0%A4%A', 400],
      ['/admin/config/%', 400],
      ['/admin/config/%ff', 400],
      ['/admin/config/__proto__', 404],
      ['/admin/config/kill_switch.KYC', 404],
      ['/admin/kill-switches/kyc', 404],
      ['/admin/kill-switches/toString', 404],
      ['/admin/nowhere', 404],
      ['/ADMIN/config/dm.min_price', 404],
      ['/admin/config/dm.min_price%00', 404],
    ];
    for (const [path, status] of paths) {
      const body = /kill-switches/.test(path) ? '{"engaged":true,"reason":"x"}' : '{"value":2,"reason":"x"}';
      const answer = await sender.send('PUT', path, { ...JSON_TYPE, ...admin }, body);
      expectRefusal(answer, path, [status]);
    }
  });

  it('is refused: an invalid query', async () => {
    const admin = system.bearer(system.adminId, 'ADMIN');
    const queries = ['stream=a&creatorId=b', 'unknown=1', 'creatorId=no-id', 'cursor=', `stream=${'x'.repeat(201)}`];
    for (const query of [...queries, 'stream=a&stream=b', 'stream=%00', `cursor=${'x'.repeat(1_001)}`])
      expectRefusal(await sender.send('GET', `/admin/events?${query}`, admin, ''), query, [400]);
    for (const query of ['limit=abc', 'limit=-5', 'limit=1e99', 'limit='])
      expect((await sender.send('GET', `/admin/events?${query}`, admin, '')).status, query).to.equal(200);
  });

  it('does not include ids in upper case, which mean the same ids', async () => {
    const upper = samples.filter(({ params }) => Object.keys(params).some((param) => /id$/i.test(param)));
    const same = async (sample: Sample) => {
      const body = sample.body ? JSON.stringify(sample.body) : '';
      const key = { 'Idempotency-Key': 'upper-and-lower' };
      const shout = Object.fromEntries(Object.entries(sample.params).map(([name, id]) => [name, id.toUpperCase()]));
      const lower = await sendText(sample, body, key);
      const shouted = await sendText({ ...sample, params: shout }, body, key);
      expect(shouted.status, `${nameOf(sample)} ${lower.text} ${shouted.text}`).to.equal(lower.status);
    };
    for (const sample of upper) await same(sample);
  });

  it('is never a 500 and appends nothing when refused: random requests to any route', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'x'.repeat(200));
    const header = fc.stringMatching(/^[\x20-\x7e]{0,40}$/);
    const headers = fc.record(
      {
        'Idempotency-Key': fc.oneof(key, header),
        'X-Correlation-Id': header,
        'Read-After': fc.oneof(fc.nat().map(String), header),
        'If-None-Match': header,
        'X-Forwarded-For': header,
      },
      { requiredKeys: [] },
    );
    const auditQuery = fc
      .record(
        { stream: fc.string(), creatorId: fc.uuid(), cursor: fc.base64String(), limit: fc.string() },
        { requiredKeys: [] },
      )
      .map((fields) => new URLSearchParams(fields).toString());
    const call = fc.constantFrom(...samples).chain((sample) =>
      fc.record({
        sample: fc.constant(sample),
        params: fc.oneof(
          { weight: 3, arbitrary: fc.constant(sample.params) },
          fc
            .constant(sample.params)
            .chain((params) =>
              fc.record(
                Object.fromEntries(
                  Object.keys(params).map((name) => [
                    name,
                    fc.oneof(fc.uuid(), fc.string({ unit: 'grapheme' }).map(encoded)),
                  ]),
                ),
              ),
            ),
        ),
        body: bodyLike(sample),
        headers,
        query: fc.oneof(fc.constant(''), fc.webQueryParameters(), auditQuery),
      }),
    );
    await fc.assert(
      fc.asyncProperty(call, async ({ sample, params, body, headers: extra, query }) => {
        const before = await system.head();
        const { status, text } = await sendText({ ...sample, params }, body, extra, query);
        // An earlier request may have engaged a kill switch: then 503 is the right answer.
        if (!text.includes('FEATURE_DISABLED')) expect(status, text).to.be.lessThan(500);
        if (status < 400) return;
        expectRefusal({ status, text }, nameOf(sample), [status]);
        expect(await system.head(), `${status} ${text}`).to.equal(before);
      }),
      { numRuns: 400 },
    );
  });
});

/** Anything that can stand in a path between two slashes. */
function encoded(text: string): string {
  return encodeURIComponent(text) || '-';
}

/** The sample's body with some fields changed or removed, or something else altogether. */
function bodyLike({ body, route }: Sample): fc.Arbitrary<string> {
  if (route.method === 'GET') return fc.constant('');
  const own = body ?? {};
  const changed = fc
    .record(Object.fromEntries(Object.entries(own).map(([name, value]) => [name, variantOf(value)])), {
      requiredKeys: [],
    })
    .map((fields) => JSON.stringify(fields));
  return fc.oneof({ weight: 4, arbitrary: changed }, fc.json({ maxDepth: 5 }), fc.string());
}

function variantOf(value: unknown): fc.Arbitrary<unknown> {
  const kin =
    typeof value === 'string'
      ? fc.oneof(fc.string(), fc.string({ unit: 'binary' }))
      : typeof value === 'number'
        ? fc.oneof(
            fc.double(),
            fc.integer(),
            fc.double({ min: 0, max: 1_000 }).map((price) => Math.round(price * 100) / 100),
          )
        : fc.jsonValue();
  return fc.oneof({ weight: 4, arbitrary: fc.constant(value) }, kin, fc.jsonValue());
}
