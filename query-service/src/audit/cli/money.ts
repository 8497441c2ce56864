/** audit money: every movement of a creator's or a fan's wallet. That it was read is counted in the log, as over HTTP. */
import { Misuse } from '@creator-dashboards/shared/command-line/frame';
import { table } from '@creator-dashboards/shared/command-line/output';
import { idText } from '@creator-dashboards/shared/http/fields';
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import { ownerOf } from '../events.js';
import { moneyOfCreator, moneyOfFan, moneyQuery, type Movements } from '../money.js';
import { asking, parsed, type AskOptions } from './asking.js';
import type { AuditIo } from './opened.js';

/** A creator's wallet by creatorId, a fan's by userId. */
export function money(
  io: AuditIo,
  who: string,
  { json = false, by, ...rest }: AskOptions & Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const id = idText.safeParse(who).data;
  if (id === undefined) throw new Misuse('<creatorId|userId>: an id is a UUID');
  const query = parsed(moneyQuery, rest);
  return asking(io, { json, ...(by !== undefined && { by }) }, async ({ stores, access, accessor, output }) => {
    const isCreator = async (creatorId: string) => (await ownerOf(stores.events, creatorId)) !== null;
    const isAsked = await isCreator(id);
    const { userId, data } = await (isAsked ? moneyOfCreator : moneyOfFan)(stores.events, id, query);
    access.historyRead(accessor, 'audit money', userId);
    const earnsAs = isAsked ? null : creatorIdOf(userId);
    const hint =
      earnsAs !== null && (await isCreator(earnsAs)) ? `\nwhat this person earns: audit money ${earnsAs}` : '';
    output.result(data, textOf(data) + hint);
    return true;
  });
}

function textOf({ account, items, next }: Movements['data']): string {
  const rows = items.map(({ position, at, type, change, balance, postings, eventId }) => [
    ...[BigInt(position), at ?? '-', type, change ?? '?', balance ?? '?'],
    postings.flatMap((one) => (one.account === account ? [] : [`${one.account} ${one.change}`])).join(', ') || '-',
    eventId,
  ]);
  const head = ['POSITION', 'TIME', 'EVENT', 'CHANGE', 'BALANCE', 'OTHER ACCOUNTS', 'ID'];
  return [
    account,
    items.length > 0 ? table(head, rows) : 'No money has moved.',
    ...(next === null ? [] : [`more: --cursor ${next}`]),
  ].join('\n');
}
