import type { Refusal } from '@creator-dashboards/shared/errors';
import type { BankDetails } from '@creator-dashboards/shared/events/sealed';
import type { BioTemplate, CreatorEvent, platform } from '@creator-dashboards/shared/events/creator';
import type { DmType, Level, PayoutMethod } from '@creator-dashboards/shared/events/define';
import type { CreatorId, CreatorUserId } from '@creator-dashboards/shared/ids';
import type { Cents } from '@creator-dashboards/shared/money';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import type { z } from 'zod';
import type { AbandonCommand } from '../abandoned-commands.js';
import type { LevelGates, LevelTotals } from '@creator-dashboards/shared/views/levels';

export type Platform = z.infer<typeof platform>;
export type KycResult = 'APPROVED' | 'REJECTED' | 'EXPIRED' | 'IN_REVIEW';
export type StripeStatus = 'PENDING' | 'ACTIVE' | 'RESTRICTED' | 'DISABLED';

type To<T extends string, Fields = object> = { readonly type: T; readonly creatorId: CreatorId } & Readonly<Fields>;

export type CreatorCommand =
  | To<
      'Upgrade',
      {
        /** The command that reserved the username, refused if it was abandoned meanwhile (domain 9.2). */
        commandId: string;
        userId: CreatorUserId;
        bioPageId: string;
        displayName: Sealed<string>;
        bio: Sealed<string>;
        username: Sealed<string> | null;
        usernameDigest: string | null;
        template: BioTemplate | null;
        at: Instant;
      }
    >
  | (AbandonCommand & { readonly creatorId: CreatorId })
  | To<
      'UpdateDmConfig',
      {
        /** Null as long as none was ever chosen: then nothing can be set. */
        dmType: DmType | null;
        /** Undefined leaves the price as it is. */
        dmPrice: Cents | null | undefined;
        dmActive: boolean;
        /** Config dm.min_price and dm.max_price. */
        priceRange: { readonly min: Cents; readonly max: Cents };
        packageId: string;
      }
    >
  /** Undefined leaves a date as it is, null clears it; without a start the vacation begins now (G52). */
  | To<'StartVacation', { start: Instant | null | undefined; end: Instant | null | undefined; at: Instant }>
  | To<'StopVacation'>
  /** By the clock, when a start or an end has come. */
  | To<'FollowVacation', { at: Instant }>
  | To<'Suspend'>
  | To<'Ban'>
  | To<'Reinstate'>
  | To<'DeactivateWithAccount'>
  | To<'ReactivateWithAccount'>
  | To<'Delete', { at: Instant }>
  | To<'Promote', { totals: LevelTotals; gates: LevelGates }>
  /** `pinned` undefined: pin the level if it differs from the earned one (promotion, G8). */
  | To<'SetLevel', { level: Level; pinned: boolean | undefined; totals: LevelTotals; gates: LevelGates }>
  | To<'StartKyc', { provider: string; providerId: Sealed<string>; sessionId: string; redirectUrl: Sealed<string> }>
  | To<'RecordKycResult', { sessionId: string; result: KycResult; at: Instant }>
  | To<'ApproveTaxForm', { at: Instant }>
  | To<'LinkStripeAccount', { accountId: Sealed<string>; onboardingUrl: Sealed<string> }>
  | To<
      'RecordStripeStatus',
      { status: StripeStatus; chargesEnabled: boolean; payoutsEnabled: boolean; isPresent: boolean }
    >
  | To<
      'UpdatePayoutSettings',
      {
        /** All five bank fields after the change; undefined when none of them was in the request. */
        bank: { readonly details: Sealed<BankDetails>; readonly hasIban: boolean } | undefined;
        preferredPayoutMethod: PayoutMethod | null | undefined;
        autoPayoutEnabled: boolean | undefined;
      }
    >
  | To<'VerifyBankAccount', { at: Instant }>
  | To<'AssignCategories', { categories: { id: string; name: string }[] }>
  | To<'ConnectSocial', { commandId: string; platform: Platform; accountDigest: string; followerCount: number }>
  | To<'DisconnectSocial', { platform: Platform }>;

export type CommandNamed<T extends CreatorCommand['type']> = Extract<CreatorCommand, { type: T }>;
export type Decision = readonly CreatorEvent[] | Refusal;
