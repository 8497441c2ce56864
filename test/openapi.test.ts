/** The API's description as its users' tools read it: a linter, and a generator of types. */
import { createConfig, lintFromString } from '@redocly/openapi-core';
import type { Route } from '@creator-dashboards/shared/http/route';
import { dashboardBody } from '@creator-dashboards/shared/views/creator-dashboard/body';
import { dmConfigBody } from '@creator-dashboards/shared/views/dm-config/body';
import { referralBody } from '@creator-dashboards/shared/views/referral-dashboard/body';
import { expect } from 'chai';
import openapiTS, { astToString } from 'openapi-typescript';
import request from 'supertest';
import ts from 'typescript';
import type { z } from 'zod';
import { openSystem } from './support/system.js';

describe('/openapi.json', () => {
  let text: string;
  let routes: readonly Route[];
  before(async () => {
    const system = await openSystem();
    text = (await request(system.server).get('/openapi.json')).text;
    ({ routes } = system);
    await system.close();
  });

  it('is valid: every reference leads somewhere, every body has a name', async () => {
    const config = await createConfig({
      extends: ['recommended'],
      rules: { 'info-license': 'off', 'no-ambiguous-paths': 'off' }, // unlicensed; and the paths are the platform's own
    });
    const problems = await lintFromString({ source: text, absoluteRef: 'openapi.json', config });
    expect(problems.map(({ ruleId, message, location: [place] }) => [ruleId, message, place?.pointer])).to.deep.equal(
      [],
    );
    const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, { requestBody?: unknown }>> };
    const bodies = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ requestBody }) => requestBody),
    );
    for (const body of bodies.filter((each) => each !== undefined))
      expect(JSON.stringify(body)).to.match(/"\$ref":"#\/components\/schemas\/\w+Body"/);
  });

  it('gives types that compile, with the dashboards among them', async () => {
    const source = astToString(await openapiTS(text));
    const file = ts.createSourceFile('api.d.ts', source, ts.ScriptTarget.ES2022);
    const host = ts.createCompilerHost({});
    const program = ts.createProgram({
      rootNames: ['api.d.ts'],
      options: { noEmit: true, strict: true, noLib: false, types: [] },
      host: {
        ...host,
        getSourceFile: (name, version) => (name === 'api.d.ts' ? file : host.getSourceFile(name, version)),
      },
    });
    expect(ts.getPreEmitDiagnostics(program, file).map(({ messageText }) => messageText)).to.deep.equal([]);
    for (const name of ['GetCreatorsDashboardData', 'GetCreatorsProfileData', 'GetReferralDashboardData'])
      expect(source).to.match(new RegExp(`^\\s+${name}: \\{$`, 'm'));
  });

  it('shows the published samples of the dashboards, as they are answered', () => {
    for (const schema of [dashboardBody, dmConfigBody, referralBody]) {
      const { examples = [] } = schema.meta() ?? {};
      expect(examples).to.have.length(1);
      for (const example of examples as unknown[]) expect(schema.parse(example)).to.deep.equal(example);
      for (const example of examples as unknown[]) expect(text).to.include(JSON.stringify(example));
    }
  });

  it('says in words what no schema can say: each further condition on a parameter or a field of a body', () => {
    const places = routes.flatMap(({ method, path, params, query, body }) =>
      [params, query, body].flatMap((schema) => undocumented(schema, `${method} ${path}`)),
    );
    expect(places).to.deep.equal([]);
  });

  it('names the dashboards first', () => {
    const { tags } = JSON.parse(text) as { tags: { name: string }[] };
    expect(tags.slice(0, 2).map(({ name }) => name)).to.deep.equal(['creators', 'referral']);
  });
});

/** Where a schema has conditions in code, or turns a value into another, without a description of it. */
function undocumented(schema: z.ZodType | undefined, place: string, isDescribed = false): string[] {
  if (!schema) return [];
  const { def } = schema as z.ZodType & { readonly def: Definition };
  const told = isDescribed || schema.description !== undefined;
  const isCondition = (def.checks ?? []).some(({ _zod }) => _zod.def.check === 'custom');
  const isPassedOn = def.out !== undefined && (def.out as z.ZodType & { def: Definition }).def.type !== 'transform';
  const isTime = def.format === 'datetime'; // the format alone allows offsets, which are refused
  const inside = (part: z.ZodType, name = '') => undocumented(part, `${place}${name}`, told && def.type === 'pipe');
  return [
    ...((isCondition || isTime || isPassedOn) && !told ? [place] : []),
    ...Object.entries(def.shape ?? {}).flatMap(([name, field]) => inside(field, `.${name}`)),
    ...[def.in, def.innerType, def.element, def.valueType, ...(def.options ?? [])].flatMap((part) =>
      part ? inside(part) : [],
    ),
  ];
}

/** What of zod's definitions is looked at. */
interface Definition {
  readonly type: string;
  readonly format?: string;
  readonly checks?: readonly { readonly _zod: { readonly def: { readonly check: string } } }[];
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}
