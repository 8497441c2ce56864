import type { BioPageEvent } from '@creator-dashboards/shared/events/creator';
import type { BioContent, LinkContent } from '@creator-dashboards/shared/events/sealed';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { expect } from 'chai';
import { bioPage, type LinkState } from '../../src/domain/bio-page.js';
import { given } from '../support/decider.js';
import { at, creatorId, idOf, later, page, sealed, userId } from './samples.js';

const link: LinkState = {
  content: sealed('a link'),
  sortOrder: 0,
  active: true,
  isSocial: false,
  scheduledStart: null,
  scheduledEnd: null,
};
const added = (linkId: string, fields: Partial<LinkState> = {}): BioPageEvent => ({
  type: 'BioLinkAdded',
  data: { linkId, ...link, ...fields },
});
const add = {
  type: 'AddLink',
  ...page,
  linkId: idOf(1),
  link: { ...link, sortOrder: undefined },
  dmActive: false,
  maxLinks: 100,
} as const;
const nothing = {
  content: undefined,
  sortOrder: undefined,
  active: undefined,
  isSocial: undefined,
  scheduledStart: undefined,
  scheduledEnd: undefined,
};
const update = (linkId: string, changes: Partial<LinkState>, dmActive = false) =>
  ({ type: 'UpdateLink', ...page, linkId, changes: { ...nothing, ...changes }, dmActive }) as const;
const social = { isSocial: true };

describe('The bio page aggregate: its size', () => {
  /** A seal is a third longer than what it seals. */
  const large = (characters: number) => ({ content: sealed<LinkContent>('x'.repeat(characters)) });
  const two = [added(idOf(2), large(70_000)), added(idOf(3), large(70_000))];
  const tooLarge = 'creator.bio.too_large';
  const whole = (content: Sealed<BioContent>) =>
    ({
      type: 'UpdatePage',
      ...page,
      changes: {
        ...{ content, embedEnabled: undefined, published: undefined },
        ...{ emailCollectionEnabled: undefined, template: undefined },
      },
    }) as const;

  it('is 256 KiB at most, texts and links together', () => {
    const adding = (bytes: number) => ({ ...add, link: { ...add.link, ...large(bytes) } });
    given(bioPage, ...two)
      .when(adding(60_000))
      .refused(tooLarge);
    given(bioPage, ...two)
      .when(adding(50_000))
      .then(added(idOf(1), { ...large(50_000), sortOrder: 2 }));
    given(bioPage, ...two)
      .when(update(idOf(2), large(130_000)))
      .refused(tooLarge);
    given(bioPage, ...two)
      .when(whole(sealed('x'.repeat(60_000))))
      .refused(tooLarge);
  });

  it('can always be made smaller, and social links can be hidden and shown', () => {
    const over = [...two, added(idOf(4), large(70_000)), added(idOf(5), social)];
    given(bioPage, ...over)
      .when(update(idOf(4), large(65_000)))
      .then({ type: 'BioLinkUpdated', data: { linkId: idOf(4), ...link, ...large(65_000) } });
    given(bioPage, ...over)
      .when({ type: 'HideSocialLinks', ...page })
      .then({ type: 'SocialLinksHidden', data: { linkIds: [idOf(5)] } });
  });
});

describe('The bio page aggregate: the page itself', () => {
  const unchanged = {
    content: undefined,
    embedEnabled: undefined,
    published: undefined,
    emailCollectionEnabled: undefined,
    template: undefined,
  };
  const change = (changes: object) => ({ type: 'UpdatePage', ...page, changes: { ...unchanged, ...changes } }) as const;

  it('records only the fields that were given', () => {
    given(bioPage)
      .when(change({ published: false }))
      .then({ type: 'BioPageUpdated', data: { published: false } });
    given(bioPage)
      .when(change({ content: sealed('texts') }))
      .then({ type: 'BioPageUpdated', data: { content: sealed('texts') } });
    given(bioPage).when(change({})).nothing();
  });

  it('applies a whole template, or none', () => {
    const template = {
      id: idOf(7),
      name: 'Dark',
      description: null,
      tokens: {},
      thumbnail: null,
      active: true,
      sortOrder: 0,
      createdAt: at,
      updatedAt: at,
    };
    given(bioPage)
      .when(change({ template }))
      .then({ type: 'BioTemplateApplied', data: { templateId: idOf(7), template } });
    given(bioPage)
      .when(change({ template: null, embedEnabled: true }))
      .then(
        { type: 'BioPageUpdated', data: { embedEnabled: true } },
        { type: 'BioTemplateApplied', data: { templateId: null, template: null } },
      );
  });

  it('keeps its content when an update gives none', () => {
    const events: BioPageEvent[] = [
      { type: 'BioPageUpdated', data: { content: sealed('texts') } },
      { type: 'BioPageUpdated', data: { published: false } },
    ];
    expect(given(bioPage, ...events).state.content).to.deep.equal(sealed('texts'));
  });
});

describe('The bio page aggregate: links', () => {
  it('adds a link at the end unless a position is given', () => {
    given(bioPage)
      .when(add)
      .then(added(idOf(1)));
    given(bioPage, added(idOf(2)), added(idOf(3)))
      .when(add)
      .then(added(idOf(1), { sortOrder: 2 }));
    given(bioPage)
      .when({ ...add, link: { ...link, sortOrder: 9 } })
      .then(added(idOf(1), { sortOrder: 9 }));
  });

  it('accepts up to bio.max_links links', () => {
    const full = given(bioPage, added(idOf(2))).when({ ...add, maxLinks: 1 });
    full.refused('creator.links.limit_reached');
    expect(full.decided).to.have.deep.property('vars', { max: 1 });
    given(bioPage, added(idOf(2)), { type: 'BioLinkRemoved', data: { linkId: idOf(2) } })
      .when({ ...add, maxLinks: 1 })
      .then(added(idOf(1)));
  });

  it('refuses a manual social link while DMs are on', () => {
    given(bioPage)
      .when({ ...add, link: { ...add.link, isSocial: true }, dmActive: true })
      .refused('creator.links.social_dm_active');
    given(bioPage, added(idOf(1), { isSocial: true, active: false }))
      .when(update(idOf(1), { active: true }, true))
      .refused('creator.links.social_dm_active');
    given(bioPage, added(idOf(1)))
      .when(update(idOf(1), { isSocial: true }, true))
      .refused('creator.links.social_dm_active');
  });

  it('accepts any other link while DMs are on', () => {
    given(bioPage)
      .when({ ...add, dmActive: true })
      .then(added(idOf(1)));
  });

  it('changes a hidden social link even while DMs are on', () => {
    given(bioPage, added(idOf(1), { isSocial: true, active: false }))
      .when(update(idOf(1), { sortOrder: 4 }, true))
      .then({
        type: 'BioLinkUpdated',
        data: { linkId: idOf(1), ...link, isSocial: true, active: false, sortOrder: 4 },
      });
  });

  it('changes the given fields, to null as well, and keeps the others', () => {
    given(bioPage, added(idOf(1), { scheduledStart: at, scheduledEnd: later }))
      .when(update(idOf(1), { scheduledEnd: null, active: false }))
      .then({
        type: 'BioLinkUpdated',
        data: { linkId: idOf(1), ...link, scheduledStart: at, active: false },
      });
  });

  it('refuses an end that is not after the start, whichever of the two is given and whichever is stored', () => {
    const endsTooEarly = (past: Partial<LinkState>, changes: Partial<LinkState>) => {
      const { refused, decided } = given(bioPage, added(idOf(1), past)).when(update(idOf(1), changes));
      refused('common.validation_failed');
      expect(decided).to.have.nested.property('details[0].field', 'scheduledEnd');
    };
    endsTooEarly({ scheduledStart: later }, { scheduledEnd: at });
    endsTooEarly({ scheduledEnd: at }, { scheduledStart: later });
    endsTooEarly({ scheduledStart: at }, { scheduledEnd: at });
    endsTooEarly({}, { scheduledStart: later, scheduledEnd: at });
    given(bioPage)
      .when({ ...add, link: { ...add.link, scheduledStart: later, scheduledEnd: at } })
      .refused('common.validation_failed');
    given(bioPage, added(idOf(1), { scheduledStart: at, scheduledEnd: later }))
      .when(update(idOf(1), { scheduledStart: later, scheduledEnd: null }))
      .then({ type: 'BioLinkUpdated', data: { linkId: idOf(1), ...link, scheduledStart: later } });
  });

  it('refuses to change or remove a link that does not exist', () => {
    const gone: BioPageEvent[] = [added(idOf(1)), { type: 'BioLinkRemoved', data: { linkId: idOf(1) } }];
    for (const past of [[], gone]) {
      const page_ = given(bioPage, ...past);
      page_.when(update(idOf(1), { active: false })).refused('creator.links.not_found');
      page_.when({ type: 'RemoveLink', ...page, linkId: idOf(1) }).refused('creator.links.not_found');
    }
  });

  it('removes a link without moving the others', () => {
    const past = given(bioPage, added(idOf(1)), added(idOf(2), { sortOrder: 1 }));
    past
      .when({ type: 'RemoveLink', ...page, linkId: idOf(1) })
      .then({ type: 'BioLinkRemoved', data: { linkId: idOf(1) } });
    const { state } = given(bioPage, added(idOf(1)), added(idOf(2), { sortOrder: 1 }), {
      type: 'BioLinkRemoved',
      data: { linkId: idOf(1) },
    });
    expect(state.links).to.deep.equal({ [idOf(2)]: { ...link, sortOrder: 1 } });
  });

  it('reorders only by a list that has each link exactly once', () => {
    const past = given(bioPage, added(idOf(1)), added(idOf(2), { sortOrder: 1 }));
    const reorder = (...linkIds: string[]) => past.when({ type: 'ReorderLinks', ...page, linkIds });
    reorder(idOf(2), idOf(1)).then({ type: 'BioLinksReordered', data: { linkIds: [idOf(2), idOf(1)] } });
    reorder(idOf(1), idOf(2)).nothing();
    given(bioPage, added(idOf(1)), added(idOf(2), { sortOrder: 1 }), added(idOf(3), { sortOrder: 2 }))
      .when({ type: 'ReorderLinks', ...page, linkIds: [idOf(1), idOf(3), idOf(2)] })
      .then({ type: 'BioLinksReordered', data: { linkIds: [idOf(1), idOf(3), idOf(2)] } });
    reorder(idOf(2)).refused('creator.links.not_owned');
    reorder(idOf(2), idOf(2)).refused('creator.links.not_owned');
    reorder(idOf(2), idOf(1), idOf(1)).refused('creator.links.not_owned');
    reorder(idOf(2), idOf(3)).refused('creator.links.not_owned');
  });

  it('gives each link its position in the new order', () => {
    const { links } = given(bioPage, added(idOf(1)), added(idOf(2), { sortOrder: 1 }), {
      type: 'BioLinksReordered',
      data: { linkIds: [idOf(2), idOf(1)] },
    }).state;
    expect([links[idOf(1)]?.sortOrder, links[idOf(2)]?.sortOrder]).to.deep.equal([1, 0]);
  });

  it('ignores a removed link that an event about all links still names', () => {
    const gone: BioPageEvent[] = [added(idOf(1)), { type: 'BioLinkRemoved', data: { linkId: idOf(1) } }];
    for (const type of ['BioLinksReordered', 'SocialLinksHidden', 'SocialLinksRestored'] as const)
      expect(given(bioPage, ...gone, { type, data: { linkIds: [idOf(1)] } }).state.links).to.deep.equal({});
  });

  it('puts the page, its owner and the link into the routing keys of each event (9.1)', () => {
    expect(bioPage.streamOf(add)).to.equal(`bioPage-${page.bioPageId}`);
    expect(bioPage.keysOf(bioPage.initial, add)).to.deep.equal({ userId, creatorId, linkId: idOf(1) });
    const reorder = { type: 'ReorderLinks', ...page, linkIds: [] } as const;
    expect(bioPage.keysOf(bioPage.initial, reorder)).to.deep.equal({ userId, creatorId });
  });
});

describe('The bio page aggregate: manual social links', () => {
  const links = [
    added(idOf(1)),
    added(idOf(2), social),
    added(idOf(3), { ...social, active: false }),
    added(idOf(4), { ...social, active: true }),
  ];

  it('that are active are hidden, those that are not are restored, and others stay as they are', () => {
    given(bioPage, ...links)
      .when({ type: 'HideSocialLinks', ...page })
      .then({ type: 'SocialLinksHidden', data: { linkIds: [idOf(2), idOf(4)] } });
    given(bioPage, ...links)
      .when({ type: 'RestoreSocialLinks', ...page })
      .then({ type: 'SocialLinksRestored', data: { linkIds: [idOf(3)] } });
  });

  it('are hidden and restored once', () => {
    given(bioPage, added(idOf(1)), added(idOf(3), { ...social, active: false }))
      .when({ type: 'HideSocialLinks', ...page })
      .nothing();
    given(bioPage, added(idOf(1)), added(idOf(2), social))
      .when({ type: 'RestoreSocialLinks', ...page })
      .nothing();
  });
});
