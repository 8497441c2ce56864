/** The creator dashboard as shown, from its document and the config as of the same time. Pure except for `open`. */
import { kinds } from '../../events/sealed.js';
import { configValue } from '../../platform-config.js';
import type { Level } from '../../events/define.js';
import { toDecimal, toMajor, type Cents } from '../../money.js';
import type { ConfigDocument } from '../config/document.js';
import { gatesOf, nextLevelOf } from '../levels.js';
import { decimalOrNull, percentage } from '../numbers.js';
import type { Open } from '../open.js';
import type { DashboardBody } from './body.js';
import type { CreatorDashboardDocument } from './document.js';

export async function presentDashboard(
  document: CreatorDashboardDocument,
  config: ConfigDocument | null,
  open: Open,
): Promise<DashboardBody> {
  const { level, totalMessages, totalEarnings, wallet } = document;
  return {
    level,
    commissionRate: configValue(config, `creator.commission_${level.toLowerCase() as Lowercase<Level>}`),
    totalMessages,
    totalEarnings: toDecimal(totalEarnings),
    walletBalance: wallet ? toDecimal(wallet.balance) : 0,
    walletFrozen: wallet?.frozen ?? false,
    pendingPayouts: document.pendingPayouts,
    dmActive: document.dmActive,
    dmType: document.dmType,
    dmPrice: decimalOrNull(document.dmPrice),
    responseRate: responseRate(document.responded, document.resolvable),
    ...levelProgress(level, totalMessages, totalEarnings, config),
    hasSocialAccounts: document.socialAccounts > 0,
    avatarUrl: await open(kinds.avatarUrl, document.avatarUrl),
  };
}

/** Percent of the messages with an outcome that the creator answered (G1); 100 while none has one. */
export function responseRate(responded: number, resolvable: number): number {
  return resolvable > 0 ? percentage(responded, resolvable) : 100;
}

/** Progress towards the next level (G10, G11): that of the lower of the two gates, since both must be met. */
export function levelProgress(
  level: Level,
  messages: number,
  earnings: Cents,
  config: ConfigDocument | null,
): Pick<DashboardBody, 'nextLevel' | 'nextLevelProgress' | 'nextLevelRequirements'> {
  const nextLevel = nextLevelOf(level);
  if (!nextLevel) return { nextLevel: null, nextLevelProgress: 100, nextLevelRequirements: null };
  const required = gatesOf(nextLevel, config);
  return {
    nextLevel,
    nextLevelProgress: Math.min(gateProgress(messages, required.messages), gateProgress(earnings, required.earnings)),
    nextLevelRequirements: {
      messages: { current: messages, required: required.messages },
      earnings: { current: toMajor(earnings), required: toMajor(required.earnings) },
    },
  };
}

/** Whole percent of one gate: 100 only when it is met, and never below 0 when reversals made the total negative (G10). */
function gateProgress(current: number, required: number): number {
  if (current >= required || required === 0) return 100;
  return Math.min(99, percentage(Math.max(0, current), required));
}
