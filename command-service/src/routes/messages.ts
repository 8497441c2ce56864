/** Sending, answering, rejecting and rating messages (domain 2.1). */
import { reasonText } from '@creator-dashboards/shared/http/fields';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { orThrow, refuse, Refused, type Refusal } from '@creator-dashboards/shared/errors';
import { dmType, type CreatorStatus } from '@creator-dashboards/shared/events/define';
import { isRating, type Parties } from '@creator-dashboards/shared/events/message';
import { derivedId, FanId, type CreatorId, type MessageId } from '@creator-dashboards/shared/ids';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { route, type Route, type RouteRequest, type RouteResponse } from '@creator-dashboards/shared/http/route';
import { HOUR, MINUTE } from '@creator-dashboards/shared/time';
import { toCents } from '@creator-dashboards/shared/money';
import { z } from 'zod';
import { creator, creatorStream, isLive } from '../domain/creator/creator.js';
import { isSent, message, messageStream, type MessageCommand } from '../domain/message.js';
import { creatorIdText, messageIdText } from '../http/fields.js';
import { sendMessage, statusForFan } from '../commands/send-message.js';
import type { CommandContext } from '../runtime/command-context.js';
import type { CommandService } from '../runtime/service.js';

const params = z.strictObject({ id: messageIdText });
/** The price that the fan was shown, "0.00" for a free message. If it is another one now, the message is refused (G49). */
const expectedPrice = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,2})?$/)
  .transform(toCents)
  .meta({ description: 'the price that was shown; "0.00" for a free message', examples: ['5.00'] });

export function messageRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/messages',
      summary: 'Send a message to a creator',
      who: 'user',
      killSwitch: 'MESSAGING',
      limit: { max: 10, perMs: MINUTE },
      body: z.strictObject({
        creatorId: creatorIdText,
        dmType,
        content: z.string().trim().min(1).max(2_000),
        expectedPrice: expectedPrice.optional(),
      }),
      status: 201,
      data: writtenData.extend({ messageId: z.guid(), status: z.enum(['PENDING', 'ESCROWED', 'DELIVERED']) }),
      errors: [
        'message.send.error.self',
        'message.send.error.creator_not_found',
        'message.send.error.email_not_verified',
        'message.send.error.receiver_inactive',
        'message.send.error.blocked',
        'message.send.error.dm_disabled',
        'message.send.error.on_vacation',
        'message.send.error.type_mismatch',
        'message.send.error.duplicate',
        'message.send.error.pending_limit',
        'message.send.error.price_changed',
        'message.send.error.insufficient_balance',
        'message.send.error.wallet_frozen',
        'message.send.error.free_daily_limit',
        'message.send.error.free_creator_limit',
        'message.send.error.free_unavailable',
        'message.send.error.interrupted',
      ],
      async handle(request) {
        const context = await contextOf(service, request);
        const fanId = FanId(callerOf(request));
        const { expectedPrice = null, ...message } = request.body;
        const sent = orThrow(await sendMessage(service, { fanId, expectedPrice, ...message }, context));
        if (!isSent(sent.state)) throw new Error('a send succeeded without a message');
        const { messageId } = sent.state.parties;
        return writeResponse(service, sent, { messageId, status: statusForFan(sent.events) });
      },
    }),
    route({
      method: 'POST',
      path: '/messages/:id/reply',
      summary: 'Answer a message; a paid one is settled',
      who: 'user',
      killSwitch: 'MESSAGING',
      limit: { max: 20, perMs: MINUTE },
      params,
      body: z.strictObject({ content: z.string().trim().min(1).max(5_000) }),
      data: writtenData,
      errors: [
        'message.error.not_found',
        'message.error.not_authorized',
        'message.reply.error.creator_inactive',
        'message.reply.error.invalid_status',
      ],
      async handle(request) {
        const { creatorUserId, creatorId, messageId } = await partiesFor(service, request, 'creatorUserId');
        const context = await contextOf(service, request);
        const content = await service.sealer.seal(kinds.replyContent, creatorUserId, request.body.content);
        const replyMessageId = derivedId(context.commandId, 'reply', messageId); // one key may answer two messages
        const reply: MessageCommand = { type: 'Reply', messageId, replyMessageId, content, at: context.at };
        return answerMessage(service, creatorId, reply, context);
      },
    }),
    route({
      method: 'POST',
      path: '/messages/:id/reject',
      summary: 'Reject a message; a paid one is refunded in full',
      who: 'user',
      killSwitch: 'MESSAGING',
      limit: { max: 60, perMs: MINUTE },
      params,
      body: z.strictObject({ reason: reasonText.default('Creator declined') }),
      data: writtenData,
      errors: [
        'message.error.not_found',
        'message.error.not_authorized',
        'message.reply.error.creator_inactive',
        'message.reject.error.invalid_status',
      ],
      async handle(request) {
        const { creatorUserId, creatorId, messageId } = await partiesFor(service, request, 'creatorUserId');
        const context = await contextOf(service, request);
        const reason = await service.sealer.seal(kinds.reason, creatorUserId, request.body.reason);
        const reject: MessageCommand = { type: 'Reject', messageId, reason };
        return answerMessage(service, creatorId, reject, context);
      },
    }),
    route({
      method: 'POST',
      path: '/messages/:id/rate',
      summary: 'Rate a completed message, once',
      who: 'user',
      killSwitch: 'MESSAGING',
      limit: { max: 20, perMs: HOUR },
      params,
      // Any number parses, so that a wrong one gets the error that domain 2.1 names.
      body: z.strictObject({ rating: z.number(), comment: z.string().trim().max(2_000).optional() }),
      data: writtenData,
      errors: [
        'message.error.not_found',
        'message.error.not_authorized',
        'message.rate.error.invalid_range',
        'message.rate.error.invalid_status',
        'message.rate.error.already_rated',
      ],
      async handle(request) {
        const { rating } = request.body;
        if (!isRating(rating)) throw new Refused('message.rate.error.invalid_range');
        const { messageId, creatorId } = await partiesFor(service, request, 'fanId');
        const context = await contextOf(service, request);
        const ifThere = async (): Promise<MessageCommand | Refusal> => {
          const { state } = await service.commands.load(creator, creatorStream(creatorId));
          return isLive(state) ? { type: 'Rate', messageId, rating } : refuse('message.rate.error.invalid_status');
        };
        const rated = await service.commands.handleBy(message, messageStream(messageId), ifThere, context);
        return writeResponse(service, orThrow(rated));
      },
    }),
  ];
}

const ANSWERING: readonly CreatorStatus[] = ['ACTIVE', 'VACATION'];

/** Judged at the append (G50). A message that its creator may not answer any more expires and is refunded. */
async function answerMessage(
  service: CommandService,
  creatorId: CreatorId,
  command: MessageCommand & { readonly messageId: MessageId },
  context: CommandContext,
): Promise<RouteResponse> {
  const ifActive = async (): Promise<MessageCommand | Refusal> => {
    const { state } = await service.commands.load(creator, creatorStream(creatorId));
    return ANSWERING.includes(state.status) && isLive(state) ? command : refuse('message.reply.error.creator_inactive');
  };
  const stream = messageStream(command.messageId);
  return writeResponse(service, orThrow(await service.commands.handleBy(message, stream, ifActive, context)));
}

/** The parties of a message in which the caller is `part`. 403 for others, 404 if it does not exist, or not yet for its receiver. */
async function partiesFor(
  service: CommandService,
  request: Pick<RouteRequest<{ id: MessageId }>, 'actor' | 'params'>,
  part: 'creatorUserId' | 'fanId',
): Promise<Parties> {
  const { state } = await service.commands.load(message, messageStream(request.params.id));
  if (!isSent(state)) throw new Refused('message.error.not_found');
  if (state.parties[part] !== callerOf(request)) throw new Refused('message.error.not_authorized');
  if (part === 'creatorUserId' && !state.delivered) throw new Refused('message.error.not_found');
  return state.parties;
}
