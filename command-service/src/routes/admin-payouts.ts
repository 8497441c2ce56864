/** What administrators decide about payouts (domain 7). Nobody decides about a payout to herself (G47). */
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { sealedFor } from '../runtime/sealing.js';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { orThrow, Refused, type ErrorKey } from '@creator-dashboards/shared/errors';
import { configValue } from '@creator-dashboards/shared/platform-config';
import { route, type Route, type RouteRequest, type RouteResponse } from '@creator-dashboards/shared/http/route';
import { toInstant } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { idText, reasonText } from '@creator-dashboards/shared/http/fields';
import { judgementOf, payoutMarkOf } from '../commands/payout-judging.js';
import { creatorWallet, creatorWalletStream } from '../domain/creator-wallet.js';
import { payoutBook, payoutBookStream, type OnePayoutCommand } from '../domain/payout-book.js';
import type { OpenPayout } from '../domain/payout-facts.js';
import { payoutOwners } from '../lookups/payout-owners.js';
import type { CommandService } from '../runtime/service.js';

const params = z.strictObject({ payoutId: idText });
const body = z.strictObject({ reason: reasonText });
const judged = [
  'payment.payout.error.creator_not_found',
  'payment.payout.error.creator_inactive',
  'payment.payout.error.kyc_required',
  'payment.payout.error.tax_form_required',
  'payment.payout.error.method_not_ready',
] as const satisfies readonly ErrorKey[];

export function adminPayoutRoutes(service: CommandService): Route[] {
  return [
    payoutRoute(service, {
      action: 'approve',
      killSwitch: 'PAYOUT',
      summary: 'Approve a PENDING payout, or an APPROVED one again whose destination has changed',
      errors: judged,
      command: async (ids, by, payout) => ({
        type: 'ApprovePayout',
        ...ids,
        ...(await judgementOf(service, ids.userId, { by, method: payout?.method })),
      }),
    }),
    payoutRoute(service, {
      action: 'reject',
      summary: 'Reject a PENDING or APPROVED payout',
      errors: [],
      command: (ids, by) => Promise.resolve({ type: 'RejectPayout', ...ids, by }),
    }),
    payoutRoute(service, {
      action: 'acknowledge',
      summary: 'Acknowledge the conflicting results of a payout, once it is known what became of the money',
      errors: ['admin.work.nothing_to_acknowledge'],
      command: (ids, by) => Promise.resolve({ type: 'AcknowledgeConflict', ...ids, by }),
    }),
    payoutRoute(service, {
      action: 'process',
      killSwitch: 'PAYOUT',
      summary: 'Debit an APPROVED payout and hand it to the provider: from here nothing is judged again',
      errors: [
        ...judged,
        'payment.payout.error.destination_changed',
        'payment.payout.error.wallet_frozen',
        'admin.four_eyes.approver',
      ],
      async command(ids, by, payout) {
        const judgement = await judgementOf(service, ids.userId, { by, method: payout?.method });
        const { state } = await service.commands.load(creatorWallet, creatorWalletStream(ids.userId));
        const fourEyes = await asksForFourEyes(service);
        return { type: 'StartProcessing', ...ids, ...judgement, walletFrozen: state.frozen, fourEyes };
      },
    }),
    route({
      method: 'POST',
      path: '/admin/payouts/:payoutId/result',
      summary: 'Record how a PROCESSING payout ended whose provider never said',
      who: 'admin',
      limit: 'usual',
      params,
      body: body.extend({ status: z.enum(['paid', 'failed']) }),
      data: writtenData,
      errors: [...always, 'admin.four_eyes.approver'],
      async handle(request) {
        const { status: result, reason } = request.body;
        return onPayout(service, request, async (ids, by, payout) => ({
          type: 'SettleResult',
          ...ids,
          by,
          result,
          fourEyes: await asksForFourEyes(service),
          debited: payout ? (await payoutMarkOf(service, ids.userId, ids.payoutId, payout)) === 'DEBITED' : false,
          at: toInstant(service.clock.now()),
          error: await sealedFor(service, kinds.payoutError, [ids.userId], reason),
        }));
      },
    }),
  ];
}

const always = [
  'payment.payout.error.not_found',
  'payment.payout.error.invalid_status',
  'admin.four_eyes.own_money',
] as const satisfies readonly ErrorKey[];

async function asksForFourEyes(service: CommandService): Promise<boolean> {
  return configValue(await service.lookups.config(), 'admin.four_eyes');
}

type PayoutIds = Pick<OnePayoutCommand, 'userId' | 'creatorId' | 'payoutId'>;

/** Called after the book was read, and again after a conflict; `payout` is undefined if it is closed. */
type CommandOf = (ids: PayoutIds, by: string | null, payout: OpenPayout | undefined) => Promise<OnePayoutCommand>;

function payoutRoute(
  service: CommandService,
  row: Pick<Route, 'summary' | 'killSwitch'> & { action: string; errors: readonly ErrorKey[]; command: CommandOf },
): Route {
  return route({
    method: 'POST',
    path: `/admin/payouts/:payoutId/${row.action}`,
    summary: row.summary,
    who: 'admin',
    limit: 'usual',
    ...(row.killSwitch && { killSwitch: row.killSwitch }),
    params,
    body,
    data: writtenData,
    errors: [...always, ...row.errors],
    handle: (request) => onPayout(service, request, row.command),
  });
}

async function onPayout(
  service: CommandService,
  request: RouteRequest<{ payoutId: string }>,
  commandOf: CommandOf,
): Promise<RouteResponse> {
  const { payoutId } = request.params;
  const owner = await service.lookups.get(payoutOwners, payoutId);
  if (!owner) throw new Refused('payment.payout.error.not_found');
  const { userId, creatorId } = owner;
  const context = await contextOf(service, request, { subject: userId });
  const stream = payoutBookStream(creatorId);
  const decided = await service.commands.handleBy(
    payoutBook,
    stream,
    ({ open }) => commandOf({ userId, creatorId, payoutId }, request.actor.userId, open[payoutId]),
    context,
  );
  return writeResponse(service, orThrow(decided));
}
