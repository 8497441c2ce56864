/** What admins decide about creators (admin routes, domain 7). Every reason is sealed for the creator it is about (G34). */
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { type ErrorKey, orThrow } from '@creator-dashboards/shared/errors';
import { level } from '@creator-dashboards/shared/events/define';
import type { CreatorId } from '@creator-dashboards/shared/ids';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { liveCreator } from '../http/creator-access.js';
import { creator } from '../domain/creator/creator.js';
import type { CreatorCommand } from '../domain/creator/commands.js';
import { idText, reasonText } from '@creator-dashboards/shared/http/fields';
import { creatorIdText } from '../http/fields.js';
import type { CommandContext } from '../runtime/command-context.js';
import { levelGates } from '@creator-dashboards/shared/views/levels';
import { creatorTotals } from '../lookups/creator-totals.js';
import type { CommandService } from '../runtime/service.js';

const params = z.strictObject({ creatorId: creatorIdText });
const categories = z
  .array(z.strictObject({ id: idText, name: z.string().trim().min(1).max(100) }))
  .max(50)
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'must not name a category twice')
  .describe('each id once');

export function adminCreatorRoutes(service: CommandService): Route[] {
  /** A row whose command follows from path, body and time. */
  function action<B extends z.ZodObject>(row: {
    path: string;
    summary: string;
    body: B;
    errors: readonly ErrorKey[];
    command: (
      creatorId: CreatorId,
      body: z.output<B>,
      context: CommandContext,
    ) => Promise<CreatorCommand> | CreatorCommand;
  }): Route {
    return route({
      method: 'POST',
      path: `/admin/creators/:creatorId/${row.path}`,
      summary: row.summary,
      who: 'admin',
      limit: 'usual',
      params,
      body: row.body,
      data: writtenData,
      errors: ['error.creator.not_found', ...row.errors],
      async handle(request) {
        const creatorId = request.params.creatorId;
        const { userId: subject } = await liveCreator(service, creatorId);
        const context = await contextOf(service, request, { subject });
        const command = await row.command(creatorId, request.body, context);
        return writeResponse(service, orThrow(await service.commands.handle(creator, command, context)));
      },
    });
  }

  const reasonOnly = z.strictObject({ reason: reasonText });
  return [
    action({
      path: 'suspend',
      summary: 'Suspend a creator',
      body: reasonOnly,
      errors: ['creator.status.unchanged'],
      command: (creatorId) => ({ type: 'Suspend', creatorId }),
    }),
    action({
      path: 'ban',
      summary: 'Ban a creator',
      body: reasonOnly,
      errors: ['creator.status.unchanged'],
      command: (creatorId) => ({ type: 'Ban', creatorId }),
    }),
    action({
      path: 'reinstate',
      summary: 'Lift a suspension or a ban',
      body: reasonOnly,
      errors: ['creator.status.unchanged'],
      command: (creatorId) => ({ type: 'Reinstate', creatorId }),
    }),
    action({
      path: 'level',
      summary: 'Set the level; one that was not earned is pinned unless you say otherwise',
      body: z.strictObject({ reason: reasonText, level, pinned: z.boolean().optional() }),
      errors: ['creator.level.unchanged'],
      async command(creatorId, { level, pinned }) {
        await service.lookups.reached(await service.events.head());
        const found = await service.lookups.get(creatorTotals, creatorId);
        const totals = { messages: found?.messages ?? 0, earnings: found?.earnings ?? 0 };
        return {
          type: 'SetLevel',
          creatorId,
          level,
          pinned,
          totals,
          gates: levelGates(await service.lookups.config()),
        };
      },
    }),
    action({
      path: 'tax-form',
      summary: 'Approve the tax form',
      body: reasonOnly,
      errors: ['creator.tax_form.already_approved'],
      command: (creatorId, _, { at }) => ({ type: 'ApproveTaxForm', creatorId, at }),
    }),
    action({
      path: 'bank-account/verify',
      summary: 'Mark the bank account as verified',
      body: reasonOnly,
      errors: ['creator.bank.not_found', 'creator.bank.incomplete'],
      command: (creatorId, _, { at }) => ({ type: 'VerifyBankAccount', creatorId, at }),
    }),
    action({
      path: 'categories',
      summary: 'Set the categories',
      body: z.strictObject({ reason: reasonText, categories }),
      errors: [],
      command: (creatorId, { categories }) => ({ type: 'AssignCategories', creatorId, categories }),
    }),
  ];
}
