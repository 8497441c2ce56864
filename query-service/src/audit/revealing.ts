/** What is sealed in events that are shown: an admin's reason is open to every auditor, all else only where it is to be revealed. */
import type { AccessLog, Filters } from '@creator-dashboards/shared/access/access-log';
import type { Accessor } from '@creator-dashboards/shared/access/record';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { reasonText } from '@creator-dashboards/shared/http/fields';
import type { RecordedEvent, Sealed } from '@creator-dashboards/shared/ports';
import type { Sealer } from '@creator-dashboards/shared/seal';
import { isTransient, KeyMissing } from '@creator-dashboards/shared/store-errors';
import { ownTurn } from '@creator-dashboards/shared/turns';
import { z } from 'zod';
import { closedSeal, showEvent, type SealLike, type ShownEvent } from './show.js';

/** Of a query: what is personal stays masked unless it is revealed, which needs a reason (`hasReason`). */
export const revealing = {
  reveal: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
  reason: reasonText.optional(),
};
export const hasReason = ({ reveal, reason }: { reveal: boolean; reason?: string | undefined }) =>
  !reveal || reason !== undefined;
export const WITHOUT_REASON = { path: ['reason'], message: 'must say why, when personal data is revealed' };

export type Opener = Pick<Sealer, 'open' | 'forget'>;

/** Nobody is shown these: with the one an account can be tried elsewhere, the others are links that act. */
const NEVER: readonly string[] = ['passwordHash', 'kycRedirectUrl', 'stripeOnboardingUrl', 'checkoutUrl'];
const REVEALED = Object.values(kinds).filter(({ name }) => !NEVER.includes(name));

/** Who asked, how, with what, and whether personal data is to be revealed to her. */
export interface Asking {
  readonly accessor: Accessor;
  readonly means: string;
  readonly filters: Filters;
  readonly query: { readonly reveal: boolean; readonly reason?: string | undefined };
}

/** The events as they are shown to who asked; that personal data is revealed is recorded before. Throws where it cannot be: show nothing. */
export async function shownTo(
  { sealer, access }: { readonly sealer: Opener; readonly access: Pick<AccessLog, 'revealed'> },
  { accessor, means, filters, query: { reveal, reason } }: Asking,
  events: readonly RecordedEvent[],
): Promise<ShownEvent[]> {
  if (!reveal) return showEvents(sealer, events);
  const subjects = [...subjectsIn(events)];
  const person = subjects.length === 1 ? (subjects[0] ?? null) : null;
  await access.revealed({ ...accessor, reason: reason ?? null }, means, person, filters);
  return revealEvents(sealer, events, subjects);
}

/** The events with admins' reasons open; all other seals stay closed. */
export function showEvents(sealer: Opener, events: readonly RecordedEvent[]): Promise<ShownEvent[]> {
  return inTurn(events, (event) => shownWith(event, async (seal) => closedSeal(seal), reasonIn(sealer)));
}

/** The events with all that may be revealed, of whomever is not erased by now. Record it before. */
export function revealEvents(
  sealer: Opener,
  events: readonly RecordedEvent[],
  subjects: Iterable<string> = subjectsIn(events),
): Promise<ShownEvent[]> {
  for (const subject of subjects) sealer.forget(subject); // an erasure elsewhere is noticed
  return inTurn(events, (event) => shownWith(event, (seal) => contentOf(sealer, seal, REVEALED), reasonIn(sealer)));
}

/** Whose data is sealed in these events, by userId; without the reasons. */
function subjectsIn(events: readonly RecordedEvent[]): ReadonlySet<string> {
  const subjects = new Set<string>();
  for (const event of events)
    showEvent(event, ({ subject }) => (typeof subject === 'string' ? subjects.add(subject) : null));
  return subjects;
}

const reasonIn = (sealer: Opener) => (seal: SealLike) => contentOf(sealer, seal, [kinds.reason]);

/** Many seals are opened for one page: other requests get their turns. */
async function inTurn(
  events: readonly RecordedEvent[],
  show: (event: RecordedEvent) => Promise<ShownEvent>,
): Promise<ShownEvent[]> {
  const shown: ShownEvent[] = [];
  for (const event of events) {
    shown.push(await show(event));
    await ownTurn();
  }
  return shown;
}

type Open = (seal: SealLike) => Promise<unknown>;

async function shownWith(event: RecordedEvent, inData: Open, inMetadata: Open): Promise<ShownEvent> {
  const opening: Promise<unknown>[] = [];
  const note = (open: Open) => (seal: SealLike) => void opening.push(open(seal));
  showEvent(event, note(inData), note(inMetadata));
  if (opening.length === 0) return showEvent(event);
  const contents = await Promise.all(opening);
  const next = () => contents.shift(); // met in the same order again
  return showEvent(event, next, next);
}

/** A seal does not say what it is the seal of, so kinds are tried; one of another kind, or a damaged one, stays closed. */
async function contentOf(sealer: Opener, seal: SealLike, candidates: typeof REVEALED): Promise<unknown> {
  for (const kind of candidates)
    try {
      const content: unknown = await sealer.open(kind, seal as Sealed);
      return content ?? { ...closedSeal(seal), erased: true };
    } catch (error) {
      if (error instanceof KeyMissing) break;
      if (isTransient(error)) throw error;
    }
  return closedSeal(seal);
}
