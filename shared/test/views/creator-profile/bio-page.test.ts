import { expect } from 'chai';
import { documentAfter, sealedValue, type GivenEvent } from '../../../testing/given.js';
import { type EventNamed } from '../../../src/events/index.js';
import { creatorProfile } from '../../../src/views/creator-profile/fold.js';
import { at, bioPage, creatorUserId, idOf, upgraded, clicked } from '../../../testing/fixtures/people.js';

const after = (...given: GivenEvent[]) => documentAfter(creatorProfile, creatorUserId, [upgraded, ...given]);
const day = (n: number) => `2026-06-0${n}T00:00:00.000Z`;
const seal = <T>(value: T) => sealedValue<T>(creatorUserId, value);

describe('creatorProfile: bio page', () => {
  const link = (id: number, sortOrder: number, isSocial = false): EventNamed<'BioLinkAdded'>['data'] => ({
    linkId: idOf(id),
    sortOrder,
    content: seal({
      title: `link ${id}`,
      url: 'https://example.com',
      icon: null,
      platform: null,
      embedType: null,
      embedMeta: null,
    }),
    active: true,
    isSocial,
    scheduledStart: null,
    scheduledEnd: null,
  });
  const added = (id: number, sortOrder = id) => bioPage('BioLinkAdded', link(id, sortOrder), day(id));
  const pageAfter = (...given: GivenEvent[]) => {
    const profile = after(...given);
    expect(profile.updatedAt, 'the profile itself').to.equal(at);
    return profile.bioPage;
  };
  const linksAfter = (...given: GivenEvent[]) => {
    const page = pageAfter(...given);
    expect(page?.updatedAt, 'the page itself').to.equal(at);
    return page?.links;
  };

  it('an update of the bio page changes the given fields and keeps the others', () => {
    const content = seal({ bio: 'new', themeOverride: null, customCss: null });
    const page = pageAfter(
      bioPage('BioPageUpdated', { content, embedEnabled: true }, day(1)),
      bioPage('BioPageUpdated', { published: false, emailCollectionEnabled: true }, day(2)),
    );
    expect(page).to.deep.include({
      content,
      initialBio: null,
      embedEnabled: true,
      published: false,
      emailCollectionEnabled: true,
      createdAt: at,
      updatedAt: day(2),
    });
  });
  it('the bio page keeps the bio of the upgrade until the content is edited', () => {
    expect(pageAfter(bioPage('BioPageUpdated', { published: false }))).to.deep.include({
      initialBio: seal('I paint'),
    });
  });
  it('the bio page contains the whole template, or none', () => {
    const template = {
      id: idOf(5),
      name: 'Plain',
      description: null,
      tokens: {},
      thumbnail: null,
      active: true,
      sortOrder: 1,
      createdAt: at,
      updatedAt: at,
    };
    const applied = bioPage('BioTemplateApplied', { templateId: idOf(5), template }, day(1));
    expect(pageAfter(applied)).to.deep.include({ templateId: idOf(5), template, updatedAt: day(1) });
    const removed = bioPage('BioTemplateApplied', { templateId: null, template: null }, day(2));
    expect(pageAfter(applied, removed)).to.include({ templateId: null, template: null });
  });
  it('a link is added to the bio page as given, without clicks', () => {
    const { linkId: id, ...state } = link(1, 4);
    expect(linksAfter(added(1, 4))).to.deep.equal([
      { id, ...state, clickCount: 0, createdAt: day(1), updatedAt: day(1) },
    ]);
  });
  it('a changed link of the bio page keeps its clicks and its age', () => {
    const click = clicked(idOf(1), day(3));
    const updated = bioPage('BioLinkUpdated', { ...link(1, 9, true), active: false, scheduledStart: day(5) }, day(4));
    expect(linksAfter(added(1), click)?.[0]).to.include({ clickCount: 1, updatedAt: day(1) });
    expect(linksAfter(added(2), click)).to.deep.equal(linksAfter(added(2))); // it is gone by now
    expect(linksAfter(added(1), click, updated)?.[0]).to.include({
      sortOrder: 9,
      isSocial: true,
      active: false,
      scheduledStart: day(5),
      clickCount: 1,
      createdAt: day(1),
      updatedAt: day(4),
    });
  });
  it('removing a link leaves the order of the others alone', () => {
    const links = linksAfter(added(1), added(2), added(3), bioPage('BioLinkRemoved', { linkId: idOf(2) }));
    expect(links?.map(({ id, sortOrder }) => [id, sortOrder])).to.deep.equal([
      [idOf(1), 1],
      [idOf(3), 3],
    ]);
  });
  it('reordering sets the sortOrder of each link to its place in the list', () => {
    const linkIds = [idOf(3), idOf(1), idOf(2)];
    const links = linksAfter(added(1), added(2), added(3), bioPage('BioLinksReordered', { linkIds }, day(7)));
    expect(links?.map(({ id, sortOrder, updatedAt }) => [id, sortOrder, updatedAt])).to.have.deep.members([
      [idOf(3), 0, day(7)],
      [idOf(1), 1, day(7)],
      [idOf(2), 2, day(7)],
    ]);
  });
  it('hiding and restoring social links skips a removed link', () => {
    const linkIds = [idOf(1), idOf(8)];
    const hidden = bioPage('SocialLinksHidden', { linkIds }, day(7));
    const activity = (links: ReturnType<typeof linksAfter>) =>
      links?.map(({ active, updatedAt }) => [active, updatedAt]);
    expect(activity(linksAfter(added(1), added(2), hidden))).to.deep.equal([
      [false, day(7)],
      [true, day(2)],
    ]);
    const restored = bioPage('SocialLinksRestored', { linkIds }, day(8));
    expect(activity(linksAfter(added(1), added(2), hidden, restored))).to.deep.equal([
      [true, day(8)],
      [true, day(2)],
    ]);
  });
  it('an event about a link of a bio page that was never created is an error', () => {
    expect(() => documentAfter(creatorProfile, creatorUserId, [added(1)])).to.throw('never made');
  });
});
