/**
 * What each view shows of its document, whoever asks, or why it shows nothing. A route adds who may ask; the audit shows documents
 * of the past by the same lines.
 */
import { refuse, type ErrorKey, type Refusal } from '@creator-dashboards/shared/errors';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import { presentConfig, presentKillSwitches } from '@creator-dashboards/shared/views/config/present';
import { presentDashboard } from '@creator-dashboards/shared/views/creator-dashboard/present';
import { presentProfile } from '@creator-dashboards/shared/views/creator-profile/present';
import { presentDmConfig } from '@creator-dashboards/shared/views/dm-config/present';
import { presentWallet } from '@creator-dashboards/shared/views/fan-wallet/present';
import { presentMessage } from '@creator-dashboards/shared/views/message/present';
import type { MessageDocument as MessageDocumentV1 } from '@creator-dashboards/shared/views/message/v1/document';
import { presentMessage as presentMessageV1 } from '@creator-dashboards/shared/views/message/v1/present';
import { presentPayout } from '@creator-dashboards/shared/views/payout/present';
import { presentPerson } from '@creator-dashboards/shared/views/person/present';
import { presentReferral } from '@creator-dashboards/shared/views/referral-dashboard/present';
import type { ViewName } from '@creator-dashboards/shared/views/registry';
import { presentSocialAccounts } from '@creator-dashboards/shared/views/social-accounts/present';
import { presentMovement } from '@creator-dashboards/shared/views/wallet-movement/present';
import { presentWork } from '@creator-dashboards/shared/views/work/present';
import type { ViewQuery } from './view-query.js';

/** How a view's documents are shown, by the code of its version and of the kept one. */
export type Shown<V extends ViewName> = Pick<ViewQuery<V>, 'withConfig' | 'show' | 'showKept'>;

export const shown: { readonly [V in ViewName]: Shown<V> } = {
  creatorDashboard: {
    withConfig: true,
    show: ({ document, config, open }) =>
      // A stub before the upgrade, or a document marked as deleted (G37), is not a dashboard.
      document?.creatorId && !document.deletedAt
        ? () => presentDashboard(document, config, open)
        : notFound('creator.dashboard.not_found', document),
  },
  creatorProfile: {
    show: ({ document, open }) =>
      document?.creatorId && !document.deletedAt
        ? () => presentProfile(document, open)
        : notFound('creator.profile.not_found', document),
  },
  dmConfig: {
    show: ({ document }) =>
      document?.userId && !document.deletedAt
        ? () => presentDmConfig(document)
        : notFound('creator.dm.not_found', document),
  },
  referralDashboard: {
    show:
      ({ document, open }) =>
      () =>
        presentReferral(document, open),
  },
  message: {
    show: ({ document, open }) =>
      document?.fanId ? () => presentMessage(document, open) : notFound('message.error.not_found', document),
    showKept({ document, open }) {
      const kept = document as MessageDocumentV1 | null;
      return kept?.fanId ? () => presentMessageV1(kept, open) : notFound('message.error.not_found', kept);
    },
  },
  conversation: {
    show: ({ document }) =>
      document?.fanId
        ? () => {
            const { fanId, creatorUserId, open, withCreators, withFans } = document;
            return { fanId, creatorUserId, open, withCreators, withFans };
          }
        : notFound('common.not_found', document),
  },
  fanWallet: {
    show:
      ({ document }) =>
      () =>
        presentWallet(document),
  },
  walletMovement: {
    show: ({ document }) =>
      document?.eventId ? () => presentMovement(document) : notFound('common.not_found', document),
  },
  payout: {
    show: ({ document }) =>
      document?.userId ? () => presentPayout(document) : notFound('payment.payout.error.not_found', document),
  },
  person: {
    show({ document, open }) {
      const createdAt = document?.createdAt;
      if (!document || !createdAt) return notFound('error.user.not_found', document);
      return () => presentPerson({ ...document, createdAt }, open);
    },
  },
  socialAccounts: {
    show:
      ({ document }) =>
      () =>
        presentSocialAccounts(document),
  },
  block: {
    show: ({ document }) =>
      document
        ? () => ({ blockedId: document.blockedId, blocked: document.blocked !== null })
        : notFound('user.block.not_blocked', document),
  },
  work: {
    show: ({ document }) => (document?.subject ? () => presentWork(document) : notFound('common.not_found', document)),
  },
  account: {
    show: ({ document, open }) =>
      document
        ? async () => ({ status: document.status, username: await open(kinds.name, document.username) })
        : notFound('error.user.not_found', document),
  },
  config: {
    show:
      ({ document }) =>
      () => ({ config: presentConfig(document).items, killSwitches: presentKillSwitches(document).items }),
  },
};

/** A 404; but 503 if the document is degraded: what is missing may be in the events that could not be applied. */
export function notFound(key: ErrorKey, document: FoldedDocument | null): Refusal {
  return refuse(document?.parked ? 'common.view_degraded' : key);
}
