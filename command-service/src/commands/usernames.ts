/** What a username may be (domain 2.6). Whether it is free is decided by its reservation stream (namespace of names, G44). */
import { configValue } from '@creator-dashboards/shared/platform-config';
import { refuse, type ErrorKey, type Refusal } from '@creator-dashboards/shared/errors';
import type { ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import { normalized } from '@creator-dashboards/shared/reservations';

/** Names of our own pages, roles and routes, including the first segment of every path. */
const RESERVED = (
  'about abuse account accounts admin administrator api app auth billing bio blog checkout console contact creator creators ' +
  'dashboard demo docs explore go help home info legal live livez login logout mail me message messages metrics moderator news ' +
  'notifications official openapi password payment payments payout payouts press privacy profile readyz ref referral ' +
  'register root search security settings signup static status support system team terms user users wallet webhooks www'
).split(' ');

/** The letters that a digit can imitate. */
const LOOKS_LIKE: Readonly<Record<string, string>> = {
  0: 'o',
  1: 'il',
  3: 'e',
  4: 'a',
  5: 's',
  6: 'g',
  7: 't',
  8: 'b',
  9: 'g',
};

/** Whether a name reads like a reserved one (G53): punctuation is ignored, and a digit counts as the letters it looks like. */
function readsAsReserved(name: string): boolean {
  const seen = [...name.replace(/[._-]/g, '')];
  return RESERVED.some(
    (reserved) =>
      reserved.length === seen.length &&
      seen.every((character, at) => `${character}${LOOKS_LIKE[character] ?? ''}`.includes(reserved.charAt(at))),
  );
}

/** The name as stored, lower-cased and trimmed, or the refusal; `taken` is the one for a reserved name. */
export function parseUsername(text: string, config: ConfigDocument | null, taken: ErrorKey): string | Refusal {
  const username = normalized(text);
  const [min, max] = [configValue(config, 'site.username_min_length'), configValue(config, 'site.username_max_length')];
  if (username.length < min || username.length > max) return refuse('error.user.username_length', { min, max });
  if (!/^[a-z0-9._-]+$/.test(username)) return refuse('error.user.username_format');
  return readsAsReserved(username) ? refuse(taken) : username;
}
