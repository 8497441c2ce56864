/** Events that move no money. Some say an amount all the same: what is owed, asked for, refused or only counted. */
import type { EventType } from '../events/index.js';

export const notMoney = [
  ...(['UserRegistered', 'UserAvatarChanged', 'UsernameChanged', 'UserDeactivated', 'UserReactivated'] as const),
  ...(['UserSuspended', 'UserErasureRequested', 'UserErased', 'CommandAbandoned'] as const),
  ...(['SessionsRevoked', 'RefreshTokenReused', 'StaffRoleGranted', 'StaffRoleRevoked'] as const),
  ...(['UserPasswordChanged', 'UserEmailVerified'] as const),
  ...(['UserBlocked', 'UserUnblocked', 'Reserved', 'Released', 'Retired', 'PointerSet'] as const),
  ...(['CreatorUpgraded', 'DmConfigUpdated', 'VacationScheduled', 'VacationEnabled', 'VacationDisabled'] as const),
  ...(['CreatorSuspended', 'CreatorBanned', 'CreatorDeactivated', 'CreatorReinstated', 'CreatorDeleted'] as const),
  ...(['CreatorLevelChanged', 'KycStarted', 'KycApproved', 'KycRejected', 'KycExpired'] as const),
  ...(['TaxFormApproved', 'TaxFormRevoked', 'StripeAccountLinked', 'StripeAccountStatusChanged'] as const),
  ...(['BankDetailsUpdated', 'BankAccountVerified', 'PreferredPayoutMethodSet', 'AutoPayoutSet'] as const),
  ...(['CategoriesAssigned', 'SocialAccountConnected', 'SocialAccountDisconnected'] as const),
  ...(['SocialMetricsRefreshed', 'BioPageUpdated', 'BioTemplateApplied', 'BioLinkAdded', 'BioLinkUpdated'] as const),
  ...(['BioLinkRemoved', 'BioLinksReordered', 'BioLinkClicked', 'SocialLinksHidden', 'SocialLinksRestored'] as const),
  ...(['MessageSent', 'MessageDelivered', 'MessageQuarantined', 'QuarantineReleased', 'QuarantineUpheld'] as const),
  ...(['QuarantineExpired', 'MessageAbandoned', 'MessageReplied', 'MessageReplyReverted'] as const),
  ...(['MessageCompleted', 'MessageRejected', 'MessageExpired', 'MessageRefunded', 'MessageRated'] as const),
  ...(['ChargebackMismatch', 'MessageAdmitted', 'AdmissionWithdrawn', 'AdmissionSettled'] as const),
  ...(['WalletOpened', 'WalletFrozen', 'WalletUnfrozen', 'CheckoutStarted', 'CheckoutMismatch'] as const),
  ...(['PayoutRequested', 'PayoutApproved', 'PayoutRejected', 'PayoutCancelled', 'PayoutDebitRefused'] as const),
  ...(['PayoutProcessingStarted', 'PayoutFailed', 'PayoutBookClosed', 'PayoutResultConflict'] as const),
  // Rewards are counted; none is paid into a wallet (G20).
  ...(['ReferralLinkCreated', 'ReferralCodeRepointed', 'ReferralLinkDisabled', 'ReferralLinkEnabled'] as const),
  ...(['ReferralSignupRecorded', 'ReferralRewardGranted', 'ReferralRewardClawedBack'] as const),
  ...(['FirstPaymentClaimed', 'ReferralClickTracked'] as const),
  ...(['MoneyDifferenceFound', 'MoneyDifferenceAcknowledged'] as const),
  ...(['ConfigValueSet', 'KillSwitchEngaged', 'KillSwitchReleased', 'ParkedEventDiscarded'] as const),
  ...(['ProjectionActionTaken', 'DataExported', 'PersonalDataRevealed'] as const),
  ...(['PersonHistoryRead', 'LogSearched', 'AccessDenied'] as const),
  'IntegrityHeadSigned',
] as const satisfies readonly EventType[];
