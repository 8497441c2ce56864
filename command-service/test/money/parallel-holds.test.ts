import { isRefusal, Refused } from '@creator-dashboards/shared/errors';
import { FanId, newId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { fanWallet } from '../../src/domain/fan-wallet.js';
import { money } from '../../src/features/money.js';
import { createCommandHandler, type CommandHandler } from '../../src/runtime/command-loop.js';
import { createHarness, type Harness } from '../support/harness.js';
import { fanWith } from './people.js';

describe('64 parallel holds of 1.00 on a wallet of 20.00', () => {
  let h: Harness;
  beforeEach(async () => {
    h = await createHarness({ features: [money] });
  });
  afterEach(() => h.close());

  /** One hold by one of the processes; after too many conflicts it is retried, as its client would. */
  async function hold(handler: CommandHandler, userId: FanId, messageId: string): Promise<boolean> {
    const commandId = newId();
    const context = {
      commandId,
      since: null,
      correlationId: commandId,
      causationId: commandId,
      actor: { userId, role: 'USER' },
      reason: null,
      at: h.now(),
    } as const;
    const command = { type: 'HoldEscrow', userId, messageId, amount: 100 } as const;
    for (;;) {
      try {
        const outcome = await handler.handle(fanWallet, command, context);
        if (isRefusal(outcome)) expect(outcome.refused).to.equal('message.send.error.insufficient_balance');
        return !isRefusal(outcome);
      } catch (error) {
        if (!(error instanceof Refused && error.key === 'common.busy')) throw error;
      }
    }
  }

  for (const processes of [1, 3]) {
    it(`from ${processes === 1 ? 'one process' : `${processes} processes`} never overdraw it`, async () => {
      const userId = FanId((await fanWith(h, '20.00')).userId);
      const handlers = Array.from({ length: processes }, () => createCommandHandler(h.service.events));
      const held = await Promise.all(
        Array.from({ length: 64 }, (_, index) => hold(handlers[index % processes] as CommandHandler, userId, newId())),
      );
      expect(held.filter(Boolean)).to.have.length(20);
      const events = await h.log(`fanWallet-${userId}`);
      const balances = events.flatMap((event) =>
        event.type === 'EscrowHeld' ? [`${event.data.before} -> ${event.data.after}`] : [],
      );
      expect(balances).to.deep.equal(Array.from({ length: 20 }, (_, index) => `${20 - index}.00 -> ${19 - index}.00`));
    });
  }
});
