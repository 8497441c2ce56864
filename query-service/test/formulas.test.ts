import { dashboardBody } from '@creator-dashboards/shared/views/creator-dashboard/body';
import { profileBody } from '@creator-dashboards/shared/views/creator-profile/body';
import { dmConfigBody } from '@creator-dashboards/shared/views/dm-config/body';
import type { Formulas } from '@creator-dashboards/shared/views/formula';
import { referralBody } from '@creator-dashboards/shared/views/referral-dashboard/body';
import { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { z } from 'zod';
import { formulas, type Explainable } from '../src/audit/explain.js';
import { byIds, fieldNamed, placesOf, valueAt } from '../src/audit/field.js';

const bodies: Record<Explainable, z.ZodType> = {
  creatorDashboard: dashboardBody,
  creatorProfile: profileBody,
  dmConfig: dmConfigBody,
  referralDashboard: referralBody,
};

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** The paths of the fields that have no fields themselves. */
function leavesOf({ properties, items, anyOf = [] }: Schema, path: readonly string[] = []): string[] {
  const below = [
    ...Object.entries(properties ?? {}).flatMap(([name, field]) => leavesOf(field, [...path, name])),
    ...(items ? leavesOf(items, [...path, '*']) : []),
    ...anyOf.flatMap((part) => (part.properties || part.items ? leavesOf(part, path) : [])),
  ];
  return below.length > 0 ? below : [path.join('.')];
}

describe('The formulas of a dashboard', () => {
  for (const [view, body] of Object.entries(bodies) as [Explainable, z.ZodType][]) {
    const { fields, shownBy }: Formulas = formulas[view];

    it(`are there for every field of its body, and for no other: ${view}`, () => {
      expect(Object.keys(fields).sort()).to.deep.equal(leavesOf(z.toJSONSchema(body) as Schema).sort());
    });

    it(`name fields that its document has: ${view}`, () => {
      const names = [
        ...shownBy,
        ...Object.values(fields).flatMap(({ from }) => from.map((place) => place.split('.')[0])),
      ];
      expect(Object.keys({ ...views[view].initial, _id: '' })).to.include.members(names);
    });
  }
});

describe('A field of a dashboard', () => {
  const named = (view: Explainable, text: string) =>
    fieldNamed(formulas[view], text)?.formulas.map(([name]) => name) ?? null;

  it('is named by its path; one that has fields stands for all of them', () => {
    expect(named('creatorDashboard', 'responseRate')).to.deep.equal(['responseRate']);
    expect(named('creatorDashboard', 'nextLevelRequirements.messages')).to.deep.equal([
      'nextLevelRequirements.messages.current',
      'nextLevelRequirements.messages.required',
    ]);
    expect(named('referralDashboard', 'rewards.an-id.amount')).to.deep.equal(['rewards.*.amount']);
    expect(named('creatorProfile', 'bioPage.links.0.title')).to.deep.equal(['bioPage.links.*.title']);
    expect(named('creatorProfile', 'categories')).to.deep.equal(['categories.*.id', 'categories.*.name']);
  });

  it('is none of another name', () => {
    for (const text of ['', '.', 'x', 'level.x', 'rewards..id', 'bioPage.links.0.title.x', '__proto__', 'toString'])
      expect(named('creatorProfile', text), text).to.equal(null);
  });

  const body = {
    links: [
      { id: 'b', n: 2 },
      { id: 'a', n: 1 },
    ],
    level: 'GOLD',
  };

  it('is found in a body, an item of a list by its id or its place', () => {
    expect(valueAt(body, ['level'])).to.equal('GOLD');
    expect(valueAt(body, ['links', 'a', 'n'])).to.equal(1);
    expect(valueAt(body, ['links', '0', 'n'])).to.equal(2);
    for (const path of [['links', 'c', 'n'], ['links', '7', 'n'], ['level', 'x'], ['x']])
      expect(valueAt(body, path), path.join('.')).to.equal(null);
    expect(valueAt(null, ['level'])).to.equal(null);
    expect(byIds(body, ['links', '1', 'n'])).to.deep.equal(['links', 'a', 'n']);
    expect(byIds(body, ['links', 'b', 'n'])).to.deep.equal(['links', 'b', 'n']);
  });

  it('follows from the item of the document that has the same id', () => {
    const places = (from: string[], path: string[]) => placesOf({ formula: '', from }, 'links.*.n', path);
    expect(places(['page.links.*.n', 'page.id'], ['links', 'a', 'n'])).to.deep.equal(['page.links.a.n', 'page.id']);
    expect(places(['page.links.*.n'], ['links']), 'of a list as a whole').to.deep.equal(['page.links']);
  });
});
