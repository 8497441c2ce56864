import { expect } from 'chai';
import { expectShape } from '../../../testing/fixtures/golden.js';
import { dmConfigBody } from '../../../src/views/dm-config/body.js';
import { presentDmConfig } from '../../../src/views/dm-config/present.js';
import { dmConfig } from '../../../testing/fixtures/documents.js';
import * as golden from '../../../testing/fixtures/seeds.js';

describe('dmConfig: present', () => {
  it('the DM settings equal the documented sample', () => {
    const body = presentDmConfig(dmConfig());
    expectShape(golden.dmConfig.shape, dmConfigBody, body);
    expect(body).to.deep.equal(golden.dmConfig.sample);
  });

  it('the DM settings are null, null and false before they were ever set (G6)', () => {
    const body = presentDmConfig(dmConfig({ dmType: null, dmPrice: null, dmActive: false }));
    expectShape(golden.dmConfig.shape, dmConfigBody, body);
    expect(body).to.deep.equal({ dmType: null, dmPrice: null, dmActive: false });
  });
});
