import type { SocialAccountsBody } from './body.js';
import type { SocialAccountsDocument } from './document.js';

/** Oldest first; at equal times by the platform's name. */
export function presentSocialAccounts(document: SocialAccountsDocument | null): SocialAccountsBody {
  const items = Object.entries(document?.accounts ?? {}).map(([platform, account]) => ({
    platform: platform as SocialAccountsBody['items'][number]['platform'],
    ...account,
  }));
  const place = ({ connectedAt, platform }: (typeof items)[number]) => `${connectedAt} ${platform}`;
  return { items: items.sort((a, b) => (place(a) < place(b) ? -1 : 1)) };
}
