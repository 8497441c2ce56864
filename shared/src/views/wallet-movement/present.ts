import { toCents, toDecimal } from '../../money.js';
import { configCents, configValue } from '../../platform-config.js';
import type { ConfigDocument } from '../config/document.js';
import type { MovementBody, PackagesBody } from './body.js';
import type { WalletMovementDocument } from './document.js';

export function presentMovement(document: WalletMovementDocument): MovementBody {
  const { eventId: id, wallet: walletId, type, before, after, reference, createdAt } = document;
  return {
    ...{ id, walletId, type, amount: toDecimal(Math.abs(after - before)) },
    ...{ balanceBefore: toDecimal(before), balanceAfter: toDecimal(after) },
    ...{ referenceType: reference.type, referenceId: reference.id, createdAt },
  };
}

/** What a wallet may be loaded with. */
export function presentPackages(config: ConfigDocument | null): PackagesBody {
  return {
    packages: configValue(config, 'wallet.load_packages').map((amount) => toDecimal(toCents(String(amount)))),
    min: toDecimal(configCents(config, 'wallet.min_load')),
    max: toDecimal(configCents(config, 'wallet.max_load')),
    currency: 'USD',
  };
}
