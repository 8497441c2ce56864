import { expect } from 'chai';
import { expectShape } from '../../../testing/fixtures/golden.js';
import { messageBody } from '../../../src/views/message/body.js';
import { presentMessage } from '../../../src/views/message/present.js';
import { fanId, message, open, openErased, seal, T0, userId } from '../../../testing/fixtures/documents.js';
import * as golden from '../../../testing/fixtures/seeds.js';

describe('message: present', () => {
  it('a message has the documented fields', async () => {
    const body = await presentMessage(message(), open);
    expectShape(golden.message.shape, messageBody, body);
    expect(body).to.include({
      content: 'Hello!',
      status: 'ESCROWED',
      priceSnapshot: '5.00',
      senderId: fanId,
      receiverId: userId,
      createdAt: T0,
      expiresAt: '2026-05-02T20:00:00.000Z',
      timeoutHours: 72,
    });
  });

  it('a quarantined message shows as PENDING, a FREE one without a price', async () => {
    const quarantined = message({ status: 'QUARANTINED', deliveredAt: null, dmType: 'FREE', priceSnapshot: null });
    const body = await presentMessage(quarantined, open);
    expectShape(golden.message.shape, messageBody, body);
    expect(body).to.include({ status: 'PENDING', priceSnapshot: null });
  });

  const reply = { id: fanId, content: seal('Thanks!') };

  it('a message shows its reply', async () => {
    const body = await presentMessage(message({ reply }), open);
    expectShape(golden.message.shape, messageBody, body);
    expect(body.reply).to.deep.equal({ id: fanId, content: 'Thanks!' });
  });

  it('a message shows no content when its sender was erased, and its reply none when its receiver was', async () => {
    const body = await presentMessage(message({ reply }), openErased);
    expect(body.content).to.equal(null);
    expect(body.reply).to.deep.equal({ id: fanId, content: null });
  });
});
