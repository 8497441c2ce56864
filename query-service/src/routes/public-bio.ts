/** What everybody may know of a creator, for front ends of others' (domain 2.5). */
import { Refused } from '@creator-dashboards/shared/errors';
import { id } from '@creator-dashboards/shared/events/define';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { MINUTE } from '@creator-dashboards/shared/time';
import { bioPageBody, linkBody, profileBody } from '@creator-dashboards/shared/views/creator-profile/body';
import { z } from 'zod';
import { readPublicBio, revalidated, type PublicBioOptions } from '../reads/public-bio.js';

const { bio, template, themeOverride, customCss, embedEnabled } = bioPageBody.shape;
const { dmActive, dmType, dmPrice, categories } = profileBody.shape;
const { title, url, icon, isSocial, platform, embedType, embedMeta } = linkBody.shape;

const publicBioBody = z.strictObject({
  creatorId: id,
  ...{ username: z.string().nullable(), displayName: z.string().nullable() },
  ...{ bio, template, themeOverride, customCss, embedEnabled },
  dmActive: dmActive.describe('false during a vacation, too'),
  ...{ dmType, dmPrice, categories },
  links: z
    .array(z.strictObject({ id, title, url, icon, isSocial, platform, embedType, embedMeta }))
    .describe('those that are shown now, in their order'),
});

export function publicBioRoute(options: PublicBioOptions): Route {
  return route({
    method: 'GET',
    path: '/bio/:username',
    summary: 'The public bio of a creator: 404 for one who does not exist, is hidden, or whose account is not active',
    who: 'public',
    limit: { max: 120, perMs: MINUTE },
    reads: true,
    params: z.strictObject({ username: z.string().max(200) }),
    data: publicBioBody,
    errors: ['creator.bio.not_found', 'common.view_degraded'],
    async handle(request) {
      const read = await readPublicBio(options, request, request.params.username);
      if (read.refused) return read;
      if (!read.data) return { refused: new Refused('creator.bio.not_found') };
      return revalidated(request, read, JSON.stringify(read.data), { data: read.data });
    },
  });
}
