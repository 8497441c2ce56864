/** What staff do about the people of the story, with reasons that name them, and what auditors look at. */
import { because, text, word, type Cast, type Stage } from './planting.js';

export async function judgeAll(
  { system, canaries, ask }: Stage,
  { fan, creator, referrer, bystander }: Cast,
): Promise<void> {
  const { admin } = system;
  const mine = `/creators/${creator.creatorId}`;
  const { code } = referrer;
  for (const act of ['suspend', 'reinstate'])
    await ask(admin, `POST /admin/users/:userId/${act}`, `/admin/users/${fan.userId}/${act}`, because);
  for (const act of ['grant', 'revoke']) {
    const path = `/admin/users/${fan.userId}/staff/${act}`;
    await ask(admin, `POST /admin/users/:userId/staff/${act}`, path, { ...because, role: 'AUDITOR' });
  }
  const onWallet = (act: string, { userId }: { userId: string }, body: object) =>
    ask(admin, `POST /admin/wallets/:userId/${act}`, `/admin/wallets/${userId}/${act}`, { ...because, ...body });
  for (const act of ['freeze', 'unfreeze']) await onWallet(act, creator, { type: 'CREATOR' });
  await onWallet('adjust', creator, { type: 'CREATOR', amount: '100.00', direction: 'CREDIT' });
  const onCreator = (act: string, body: object = {}) =>
    ask(admin, `POST /admin/creators/:creatorId/${act}`, `/admin${mine}/${act}`, { ...because, ...body });
  for (const act of ['suspend', 'reinstate', 'ban', 'reinstate', 'tax-form', 'bank-account/verify'])
    await onCreator(act);
  await onCreator('level', { level: 'GOLD', pinned: true });
  await onCreator('categories', { categories: [{ id: bystander.userId, name: 'Night' }] });
  const onCode = (act: string) =>
    canaries.add(`POST /admin/referral/links/:code/${act} params.code`, code) &&
    ask(admin, `POST /admin/referral/links/:code/${act}`, `/admin/referral/links/${code}/${act}`, because);
  for (const act of ['disable', 'enable']) await onCode(act);
  await system.catchUp();
  const rewards = (await system.stores.events.readAll({ after: 0n, limit: 10_000 })).filter(({ stream }) =>
    stream.startsWith('referralReward-'),
  );
  const rewardId = rewards[0]?.stream.slice('referralReward-'.length) ?? '';
  await ask(
    admin,
    'POST /admin/referral/rewards/:rewardId/clawback',
    `/admin/referral/rewards/${rewardId}/clawback`,
    because,
  );
  await ask(admin, 'PUT /admin/config/:key', '/admin/config/payout.cooldown_days', { value: 0, ...because });
  await ask(admin, 'PUT /admin/kill-switches/:name', '/admin/kill-switches/KYC', { engaged: true, ...because });
}

/** Payouts with every end, and one without: its id. */
export async function payOut({ system, ask }: Stage, { creator }: Cast): Promise<string> {
  const { admin } = system;
  const request = async () =>
    (await ask(creator, 'POST /payouts/request', '/payouts/request', { amount: '10.00', method: 'BANK_TRANSFER' }))
      .payoutId;
  const judge = async (payoutId: string, ...acts: string[]) => {
    await system.catchUp();
    for (const act of acts)
      await ask(admin, `POST /admin/payouts/:payoutId/${act}`, `/admin/payouts/${payoutId}/${act}`, {
        ...because,
        ...(act === 'result' && { status: 'paid' }),
      });
  };
  await judge(await request(), 'reject');
  await judge(await request(), 'approve', 'process', 'result');
  const failing = await request();
  await judge(failing, 'approve', 'process');
  const failed = { id: word, payoutId: failing, status: 'failed', error: text };
  await ask(system.provider, 'POST /webhooks/payouts', '/webhooks/payouts', failed);
  const paid = { id: word, payoutId: failing, status: 'paid' };
  await ask(system.provider, 'POST /webhooks/payouts', '/webhooks/payouts', paid);
  await judge(failing, 'acknowledge');
  const payoutId = await request();
  await judge(payoutId, 'approve', 'process');
  return payoutId;
}

/** Acts on views, with what each is refused where there is nothing to do, and on the check of the log. */
export async function operate({ system, ask }: Stage, { fan }: Cast): Promise<void> {
  const { admin } = system;
  const act = (name: string, body: object = {}, status = 200) =>
    ask(
      admin,
      `POST /admin/projections/:view/${name}`,
      `/admin/projections/account/${name}`,
      { ...because, ...body },
      status,
    );
  for (const name of ['rebuild', 'pause', 'resume', 'pause', 'cancel']) await act(name);
  await act('rollback', {}, 409);
  await act('switch', {}, 409);
  await act('repair', { keys: [fan.userId] });
  await act('drop', { generation: 'v1-99' }, 404);
  for (const name of ['retry', 'discard']) {
    const path = `/admin/projections/parked/${name}`;
    await ask(admin, `POST ${path}`, path, { ...because, key: fan.userId }, 404);
  }
  await ask(admin, 'POST /admin/integrity/check', '/admin/integrity/check', because);
}

/** Searches for what nobody finds, and reveals with reasons. */
export async function readAll({ system, canaries, ask, headers }: Stage, { fan, creator }: Cast): Promise<void> {
  const { auditor } = system;
  const typed = (field: string) => canaries.text(field, word);
  const filters = [
    ['stream', 'category', 'type', 'eventId', 'userId'],
    ['about', 'configKey', 'actor', 'correlationId', 'causationId'],
  ];
  for (const path of ['/admin/events', '/admin/events/export'])
    for (const some of filters) {
      const asked = some.map((filter) => `${filter}=${typed(`GET ${path} query.${filter}`)}`);
      await auditor.get(`${path}?${asked.join('&')}`, headers());
    }
  await auditor.get(`/live?views=${typed('GET /live query.views')}`, headers());
  await fan.get(`/messages/search?q=${typed('GET /messages/search query.q')}`, headers());
  await creator.get(`/payouts/report?month=${typed('GET /payouts/report query.month')}`, headers());
  for (const q of [fan.email, fan.email.toLowerCase()])
    await ask(auditor, 'POST /admin/search', '/admin/search', { q: canaries.add('POST /admin/search body.q', q) });
  await auditor.get(`/admin/streams/${typed('GET /admin/streams/:stream params.stream')}`, headers());
  const revealed = [
    ...['as-of', 'diff', 'explain'].map((name) => [
      `GET /admin/${name}/:view/:key`,
      `/admin/${name}/creatorProfile/${creator.userId}`,
    ]),
    ['GET /admin/streams/:stream', `/admin/streams/user-${fan.userId}`],
    ['GET /admin/events/:eventId', `/admin/events/${await newestEvent()}`],
    ['GET /admin/events/export', '/admin/events/export'],
  ] as const;
  for (const [route = '', path = ''] of revealed) {
    const asked = `reveal=true&reason=${typed(`${route} query.reason`)}`;
    await ask(auditor, route, `${path}?${asked}${route.includes('explain') ? '&field=iban' : ''}`);
  }

  async function newestEvent(): Promise<string> {
    const [event] = await system.stores.events.readStream(`user-${fan.userId}`, { direction: 'backwards', limit: 1 });
    return event?.id ?? '';
  }
}
