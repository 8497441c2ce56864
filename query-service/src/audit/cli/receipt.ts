/** audit receipt: proof that an event is in the log that was signed. */
import { Misuse, type Surroundings } from '@creator-dashboards/shared/command-line/frame';
import { toJson } from '@creator-dashboards/shared/command-line/output';
import { receiptOf } from '../integrity.js';
import { withAudit } from './opened.js';

/** Of the newest event if none is named. It is JSON whatever is asked for: it is made to be kept. */
export function receipt(surroundings: Surroundings, eventId: string | undefined): Promise<boolean> {
  return withAudit(surroundings, { json: true }, async ({ stores, heads, catchUp }) => {
    await catchUp();
    const newest = async () => {
      const [event] = await stores.audit.get([(await stores.audit.state()).size - 1]);
      return event && (await stores.events.readAt(event.position))?.id;
    };
    const wanted = eventId ?? (await newest());
    if (wanted === undefined) throw new Misuse('the log is empty: there is nothing to prove');
    const proof = await receiptOf({ events: stores.events, index: stores.audit, heads }, wanted.toLowerCase(), {
      publish: true,
    });
    surroundings.out.write(`${toJson(proof)}\n`);
    return true;
  });
}
