/** Moderation looks at every text that others will read, before it is stored (G60). */
import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { BioPageEvent } from '@creator-dashboards/shared/events/creator';
import { within } from '@creator-dashboards/shared/waiting';
import { bioPage, bioPageStream, type BioPage } from '../domain/bio-page.js';
import type { CommandOutcome } from '../runtime/command-loop.js';
import type { CommandContext } from '../runtime/command-context.js';
import type { CommandService } from '../runtime/service.js';

/** How long a command waits for moderation, in milliseconds. */
export const MODERATION_MS = 5_000;

interface Verdict {
  readonly flagged: boolean;
  readonly rule: string | null;
}

/** Of a message. Where moderation fails or takes too long it counts as flagged, so that a person decides (domain 9.2). */
export async function moderateMessage(service: CommandService, content: string): Promise<Verdict> {
  return (await review(service, content)) ?? { flagged: true, rule: 'moderation-unavailable' };
}

type Texts = readonly (string | null | undefined)[];

/**
 * The refusal of texts for a bio page, or null; undefined ones are not given. Nobody waits there for a person, so where moderation
 * fails the caller is to come again.
 */
export async function moderatePage(service: CommandService, ...texts: Texts): Promise<Refusal | null> {
  const given = texts.filter((text) => text);
  if (given.length === 0) return null;
  const verdict = await review(service, given.join('\n'));
  if (verdict === null) return refuse('creator.bio.moderation_unavailable');
  return verdict.flagged ? refuse('creator.bio.content_flagged') : null;
}

/**
 * Runs a command on a bio page if moderation lets its texts pass: those that the page does not have yet. A repeated command gets its first outcome: it is not judged again.
 * Moderation is waited for before the command holds the stream.
 */
export async function moderated(
  service: CommandService,
  { bioPageId, newTexts }: { readonly bioPageId: string; readonly newTexts: (page: BioPage) => Promise<Texts> },
  context: CommandContext,
  run: () => Promise<CommandOutcome<BioPage, BioPageEvent>>,
): Promise<CommandOutcome<BioPage, BioPageEvent>> {
  const { state, earlier } = await service.commands.begin(bioPage, bioPageStream(bioPageId), context);
  return earlier ?? (await moderatePage(service, ...(await newTexts(state)))) ?? run();
}

async function review({ clock, providers }: CommandService, text: string): Promise<Verdict | null> {
  try {
    const late = () => new Error('moderation took too long');
    return await within(clock, MODERATION_MS, providers.moderation.review(text), late);
  } catch {
    return null;
  }
}
