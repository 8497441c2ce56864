/** What others see of a creator: her page with its links, and whether and for how much she takes messages. */
import { follow } from '../app/followed.js';
import { shown } from '../ui/parts.js';
import { html, nothing } from '../vendor/lit.js';
import { createBio } from './bio.js';
import { createDmSettings } from './dm-settings.js';
import { createLinks } from './links.js';
import { liveBadge, repairNotice } from './liveness.js';
import type { Me, Tab } from './tab.js';

export function openOwnPage(me: Me): Tab {
  const followed = follow(me.app, ['creatorProfile']);
  const { refresh } = followed;
  const [dms, bio, links] = [createDmSettings(me, refresh), createBio(me, refresh), createLinks(me, refresh)];
  return {
    leave: followed.stop,
    view: () =>
      html`<div class="page-head">
          <h1>My page</h1>
          ${liveBadge(followed)}
        </div>
        ${repairNotice(followed)}
        ${shown(
          followed.of.creatorProfile,
          (profile) =>
            html`<div class="grid halves">
              <div class="stack">${dms(profile)}</div>
              <div class="stack">
                ${profile.bioPage === null ? nothing : html`${bio(profile.bioPage)} ${links(profile.bioPage)}`}
              </div>
            </div>`,
        )}`,
  };
}
