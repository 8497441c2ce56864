/**
 * Searching one's own messages (domain 2.1). Texts are sealed, so the caller's newest are opened for each search; no index of opened
 * texts is kept anywhere, which an erasure would have to find.
 */
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { MINUTE } from '@creator-dashboards/shared/time';
import { ownTurn } from '@creator-dashboards/shared/turns';
import { messageBody, type MessageBody } from '@creator-dashboards/shared/views/message/body';
import type { MessageDocument } from '@creator-dashboards/shared/views/message/document';
import { presentMessage } from '@creator-dashboards/shared/views/message/present';
import { rowsOf } from '@creator-dashboards/shared/views/list';
import type { Open } from '@creator-dashboards/shared/views/open';
import { z } from 'zod';
import { pageBody, pageNumber, pageQuery, pagesOf } from '../reads/page.js';
import type { ViewReader } from '../reads/read.js';

/** How many texts are opened for a search: contents and replies. */
const MAX_TEXTS = 1_000;
const MAX_LIMIT = 100;
/** Between so many messages, other requests have their turn. */
const BATCH = 50;

const { cursor: _, ...numbered } = pageQuery(MAX_LIMIT);

export function searchRoute(reader: ViewReader): Route {
  return route({
    method: 'GET',
    path: '/messages/search',
    summary: 'Messages of the caller, sent and received, that hold a text in their content or reply, newest first',
    who: 'user',
    killSwitch: 'MESSAGING',
    limit: { max: 60, perMs: MINUTE },
    reads: true,
    query: z.strictObject({
      q: z.string().trim().min(1).max(200).describe('what is searched for, in upper or lower case alike'),
      ...numbered,
    }),
    data: pageBody(messageBody)
      .omit({ nextCursor: true })
      .extend({ truncated: z.boolean().describe(`only the newest ${MAX_TEXTS} texts were searched; there are more`) }),
    handle: (request) => {
      const { q, ...page } = request.query;
      const userId = callerOf(request);
      return reader.rows(request, {
        view: 'message',
        async find(rows) {
          const newestOf = (field: 'sent' | 'received') => rows.find(rowsOf(field, userId), MAX_TEXTS + 1);
          return newestTexts(await newestOf('sent'), await newestOf('received'));
        },
        async show({ messages, truncated }, open) {
          const found = await holding(messages, q, open);
          const from = (pageNumber(page) - 1) * page.limit;
          return { items: found.slice(from, from + page.limit), ...pagesOf(found.length, page), truncated };
        },
      });
    },
  });
}

/** As many of the newest messages as have MAX_TEXTS texts at most, and whether that leaves any out. */
function newestTexts(sent: readonly MessageDocument[], received: readonly MessageDocument[]) {
  const timed = [
    ...sent.map((message) => ({ at: message.sent ?? '', message })),
    ...received.map((message) => ({ at: message.received ?? '', message })),
  ];
  // Places in both lists begin with the same userId: what is left to compare is the time.
  timed.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  let texts = 0;
  const messages = timed.map(({ message }) => message).filter(({ reply }) => (texts += reply ? 2 : 1) <= MAX_TEXTS);
  return { messages, truncated: messages.length < timed.length };
}

async function holding(messages: readonly MessageDocument[], text: string, open: Open): Promise<MessageBody[]> {
  const wanted = withoutCase(text);
  const found: MessageBody[] = [];
  for (let from = 0; from < messages.length; from += BATCH) {
    const batch = messages.slice(from, from + BATCH).map((message) => presentMessage(message, open));
    for (const body of await Promise.all(batch))
      if ([body.content, body.reply?.content].some((one) => one && withoutCase(one).includes(wanted))) found.push(body);
    await ownTurn();
  }
  return found;
}

/** The same text whatever its case, and however its letters are composed. */
function withoutCase(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
