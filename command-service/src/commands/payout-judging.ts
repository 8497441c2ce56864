/** Reads what a payout is judged by: at the request (the twelve checks, G12), at approval and at processing (G47). */
import { canonical } from '@creator-dashboards/shared/canonical';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { creatorIdOf, type CreatorUserId } from '@creator-dashboards/shared/ids';
import { configCents, configValue } from '@creator-dashboards/shared/platform-config';
import type { PayoutMethod } from '@creator-dashboards/shared/events/define';
import type { PayoutDestination } from '@creator-dashboards/shared/events/sealed';
import { creator, creatorStream, type CreatorState } from '../domain/creator/creator.js';
import { creatorWallet, creatorWalletStream, type PayoutMark } from '../domain/creator-wallet.js';
import type { PayoutJudgement } from '../domain/payout-book.js';
import { payoutCreatorOf, type OpenPayout, type Payee, type PayoutFacts } from '../domain/payout-facts.js';
import { user, userStream } from '../domain/user.js';
import type { CommandService } from '../runtime/service.js';

/** Read after the book, and again after a conflict, so that nothing promised in between is missed (headroom, domain 9.6). */
export async function requestFacts(service: CommandService, userId: CreatorUserId): Promise<PayoutFacts> {
  const { payee } = await readPayee(service, userId);
  const wallet = await service.commands.load(creatorWallet, creatorWalletStream(userId));
  const config = await service.lookups.config();
  return {
    ...payee,
    wallet: wallet.state,
    minimum: configCents(config, 'payout.min_amount'),
    cooldownDays: configValue(config, 'payout.cooldown_days'),
  };
}

/** What an approval and the start of processing are judged by. `method` is the payout's, undefined if it is not open. */
export async function judgementOf(
  service: CommandService,
  userId: CreatorUserId,
  { by, method }: { readonly by: string | null; readonly method: PayoutMethod | undefined },
): Promise<PayoutJudgement> {
  const { payee, profile } = await readPayee(service, userId);
  const destination = method ? await destinationOf(service, profile, method) : null;
  if (!destination) return { ...payee, by, destination: null };
  return {
    ...payee,
    by,
    destination: {
      sealed: await service.sealer.seal(kinds.payoutDestination, userId, destination),
      digest: service.digest('payoutDestination', canonical(destination)),
    },
  };
}

async function readPayee({ commands }: CommandService, userId: CreatorUserId) {
  const { state: profile } = await commands.load(creator, creatorStream(creatorIdOf(userId)));
  const { state: account } = await commands.load(user, userStream(userId));
  const payee: Payee = { creator: payoutCreatorOf(profile), accountActive: account.status === 'ACTIVE' };
  return { payee, profile };
}

/** Null if there is none, or its key was destroyed. */
async function destinationOf(
  { sealer }: CommandService,
  { stripe, bankDetails }: CreatorState,
  method: PayoutMethod,
): Promise<PayoutDestination | null> {
  if (method === 'BANK_TRANSFER') return sealer.open(kinds.bankDetails, bankDetails);
  const accountId = await sealer.open(kinds.stripeAccountId, stripe?.accountId ?? null);
  return accountId === null ? null : { accountId };
}

/** What the wallet has done about a payout. It remembers the newest; for an older one its stream is read (bounded memory, G51). */
export async function payoutMarkOf(
  { commands, events }: CommandService,
  userId: CreatorUserId,
  payoutId: string,
  { requestedAt }: Pick<OpenPayout, 'requestedAt'>,
): Promise<PayoutMark['state'] | null> {
  const stream = creatorWalletStream(userId);
  const known = (await commands.load(creatorWallet, stream)).state.payouts[payoutId];
  if (known) return known.state;
  const marks: Readonly<Record<string, PayoutMark['state']>> = {
    PayoutDebited: 'DEBITED',
    PayoutDebitRefused: 'REFUSED',
    PayoutReturned: 'RETURNED',
  };
  for (let from: bigint | undefined; ;) {
    const page = await events.readStream(stream, {
      direction: 'backwards',
      limit: PAGE,
      ...(from !== undefined && { from }),
    });
    for (const { type, data, metadata, revision } of page) {
      if (metadata.occurredAt < requestedAt) return null;
      if (marks[type] && data['payoutId'] === payoutId) return marks[type];
      from = revision - 1n;
    }
    if (page.length < PAGE) return null;
  }
}

const PAGE = 200;
