/** What a creator sets herself (domain 2.5): DMs (G31), vacation (G32), payouts. */
import { kinds, type BankDetails } from '@creator-dashboards/shared/events/sealed';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { creator, type CreatorState, creatorStream } from '../domain/creator/creator.js';
import { orThrow } from '@creator-dashboards/shared/errors';
import { configCents, PRICE_CAP } from '@creator-dashboards/shared/platform-config';
import type { CreatorEvent } from '@creator-dashboards/shared/events/creator';
import { dmType, payoutMethod } from '@creator-dashboards/shared/events/define';
import { creatorIdOf, derivedId } from '@creator-dashboards/shared/ids';
import { numberToCents, toCents, toDecimal } from '@creator-dashboards/shared/money';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { HOUR } from '@creator-dashboards/shared/time';
import { profileBody } from '@creator-dashboards/shared/views/creator-profile/body';
import { isValidIBAN } from 'ibantools';
import { z } from 'zod';
import { ownCreatorId } from '../http/creator-access.js';
import { idText } from '@creator-dashboards/shared/http/fields';
import { clearable, instantText, sameValue } from '../http/fields.js';
import type { CommandService } from '../runtime/service.js';
import type { CreatorCommand } from '../domain/creator/commands.js';

const params = z.strictObject({ creatorId: idText });

/** In cents; as a number, or as the text that reads show. */
const dmPrice = z
  .union(
    [z.number().min(0).max(PRICE_CAP).describe('at most two decimals'), z.string().regex(/^\d{1,4}(\.\d{1,2})?$/)],
    `must be from 0 to ${PRICE_CAP}, as a number or as text`,
  )
  .transform((price) => (typeof price === 'number' ? numberToCents(price) : toCents(price)))
  .refine((cents) => cents !== null, 'must have at most two decimals')
  .refine((cents) => cents === null || cents <= PRICE_CAP * 100, `must be at most ${PRICE_CAP}`)
  .describe(`from 0 to ${PRICE_CAP} with at most two decimals, as a number or as text`);
const dmBody = z.strictObject({
  dmType: dmType.nullable().describe('null only while none was ever chosen'),
  dmPrice: clearable(dmPrice),
  dmActive: z.boolean(),
});

const vacationBody = z.strictObject({
  enabled: z.boolean(),
  startDate: instantText.nullish().describe(`${instantText.description}; null begins it now`),
  endDate: clearable(instantText.describe(`after the start; ${instantText.description}`)),
});

/** Emptying a field resets the verification like any other change. */
const bankFields = {
  iban: clearable(
    z
      .string()
      .max(34)
      .regex(/^[A-Z]{2}[0-9]{2}[A-Z0-9]{4,30}$/)
      .refine((iban) => isValidIBAN(iban), 'must be a valid IBAN')
      .describe("an IBAN of its country's length, with the right check digits"),
  ),
  bankName: clearable(z.string().trim().min(1).max(100)),
  accountHolderName: clearable(z.string().trim().min(1).max(200)),
  swiftCode: clearable(
    z
      .string()
      .max(11)
      .regex(/^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$/),
  ),
  bankCountry: clearable(z.string().regex(/^[A-Z]{2}$/)),
};
const bankBody = z.strictObject({
  ...bankFields,
  preferredPayoutMethod: clearable(payoutMethod),
  autoPayoutEnabled: z.boolean().optional(),
});

/** What this route sets, as the profile shows it, but the IBAN with its country and last four characters only. */
const shownBank = profileBody.pick({
  ...{ iban: true, bankName: true, accountHolderName: true, swiftCode: true, bankCountry: true },
  ...{ bankAccountVerified: true, preferredPayoutMethod: true, autoPayoutEnabled: true },
});

export function creatorSettingsRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'PATCH',
      path: '/creators/:creatorId/dm-config',
      summary: 'Set type, price and switch of your DMs',
      who: 'user',
      limit: { max: 30, perMs: HOUR },
      params,
      body: dmBody,
      data: writtenData.extend({ dmType: dmType.nullable(), dmPrice: z.string().nullable(), dmActive: z.boolean() }),
      errors: [
        'creator.ownership.forbidden',
        'creator.dm.not_found',
        'creator.dm.price_required',
        'creator.dm.price_out_of_range',
      ],
      async handle(request) {
        const creatorId = ownCreatorId(request);
        const { dmType, dmPrice, dmActive } = request.body;
        const config = await service.lookups.config();
        const command: CreatorCommand = {
          type: 'UpdateDmConfig',
          creatorId,
          dmType,
          dmPrice,
          dmActive,
          priceRange: { min: configCents(config, 'dm.min_price'), max: configCents(config, 'dm.max_price') },
          packageId: derivedId(creatorId, dmType ?? ''),
        };
        const updated = orThrow(await service.commands.handle(creator, command, await contextOf(service, request)));
        const set = updated.events.find((event) => event.type === 'DmConfigUpdated')?.data ?? dmOf(updated.state);
        const answer = { dmType: set.dmType, dmPrice: set.dmPrice, dmActive: set.dmActive };
        return writeResponse(service, updated, answer);
      },
    }),
    route({
      method: 'PATCH',
      path: '/creators/:creatorId/vacation',
      summary: 'Go on vacation, or come back',
      who: 'user',
      limit: { max: 30, perMs: HOUR },
      params,
      body: vacationBody,
      data: writtenData.extend({
        vacationMode: z.boolean(),
        vacationStart: z.string().nullable(),
        vacationEnd: z.string().nullable(),
        creatorStatus: z.string(),
      }),
      errors: ['creator.ownership.forbidden', 'creator.vacation.not_found', 'creator.vacation.invalid_range'],
      async handle(request) {
        const creatorId = ownCreatorId(request);
        const { enabled, startDate, endDate } = request.body;
        const context = await contextOf(service, request);
        const command: CreatorCommand = enabled
          ? {
              type: 'StartVacation',
              creatorId,
              start: startDate,
              end: endDate,
              at: context.at,
            }
          : { type: 'StopVacation', creatorId };
        const updated = orThrow(await service.commands.handle(creator, command, context));
        return writeResponse(service, updated, vacationOf(updated.events, updated.state));
      },
    }),
    route({
      method: 'PATCH',
      path: '/creators/bank-details',
      summary: 'Set where payouts go; any bank field resets the verification',
      who: 'user',
      limit: { max: 10, perMs: HOUR },
      body: bankBody,
      data: writtenData.extend(shownBank.shape),
      errors: ['creator.bank.not_found'],
      async handle(request) {
        const userId = callerOf(request);
        const { preferredPayoutMethod, autoPayoutEnabled, ...fields } = request.body;
        const creatorId = creatorIdOf(userId);
        const update = async (state: CreatorState): Promise<CreatorCommand> => ({
          type: 'UpdatePayoutSettings',
          creatorId,
          bank: await mergedBank(service, userId, state, fields),
          preferredPayoutMethod,
          autoPayoutEnabled,
        });
        const context = await contextOf(service, request);
        const updated = orThrow(await service.commands.handleBy(creator, creatorStream(creatorId), update, context));
        return writeResponse(service, updated, await bankOf(service, updated.state));
      },
    }),
  ];
}

function dmOf({ dmType, dmPrice, dmActive }: CreatorState) {
  return { dmType, dmPrice: dmPrice === null ? null : toDecimal(dmPrice), dmActive };
}

/** The vacation after this command's event; the present one if nothing changed. */
function vacationOf(events: readonly CreatorEvent[], state: CreatorState) {
  const { vacationMode, vacationStart, vacationEnd, status: creatorStatus } = events.reduce(creator.evolve, state);
  return { vacationMode, vacationStart, vacationEnd, creatorStatus };
}

const NO_BANK: BankDetails = {
  iban: null,
  bankName: null,
  accountHolderName: null,
  swiftCode: null,
  bankCountry: null,
};

/** An answer is kept by callers, proxies and logs: the whole IBAN is for the profile alone. */
async function bankOf(service: CommandService, state: CreatorState): Promise<z.output<typeof shownBank>> {
  const { iban, ...bank } = (await service.sealer.open(kinds.bankDetails, state.bankDetails)) ?? NO_BANK;
  const { bankAccountVerified, preferredPayoutMethod, autoPayoutEnabled } = state;
  const masked = iban && iban.slice(0, 2) + '*'.repeat(iban.length - 6) + iban.slice(-4);
  return { iban: masked, ...bank, bankAccountVerified, preferredPayoutMethod, autoPayoutEnabled };
}

type BankFields = { readonly [K in keyof BankDetails]?: string | null | undefined };

/** The bank fields, stored ones overridden by the given ones, sealed as one value (domain 9.8); undefined if they change nothing. */
async function mergedBank(service: CommandService, userId: string, stored: CreatorState, fields: BankFields) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (given.length === 0) return undefined;
  const before = (await service.sealer.open(kinds.bankDetails, stored.bankDetails)) ?? NO_BANK;
  const merged: BankDetails = { ...before, ...Object.fromEntries(given) };
  if (sameValue(merged, before)) return undefined;
  return { details: await service.sealer.seal(kinds.bankDetails, userId, merged), hasIban: merged.iban !== null };
}
