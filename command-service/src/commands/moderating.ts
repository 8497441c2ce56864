/** Moderation looks at every text that others will read, before it is stored (G60). */
import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import { within } from '@creator-dashboards/shared/waiting';
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

/**
 * The refusal of texts for a bio page, or null; undefined ones are not given. Nobody waits there for a person, so where moderation
 * fails the caller is to come again.
 */
export async function moderatePage(
  service: CommandService,
  ...texts: readonly (string | null | undefined)[]
): Promise<Refusal | null> {
  const given = texts.filter((text) => text);
  if (given.length === 0) return null;
  const verdict = await review(service, given.join('\n'));
  if (verdict === null) return refuse('creator.bio.moderation_unavailable');
  return verdict.flagged ? refuse('creator.bio.content_flagged') : null;
}

async function review({ clock, providers }: CommandService, text: string): Promise<Verdict | null> {
  try {
    const late = () => new Error('moderation took too long');
    return await within(clock, MODERATION_MS, providers.moderation.review(text), late);
  } catch {
    return null;
  }
}
