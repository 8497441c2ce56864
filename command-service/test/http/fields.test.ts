/** What texts of callers become before anything is decided on them (G53). */
import { expect } from 'chai';
import { iconText, webAddress, webAddressOf } from '../../src/http/fields.js';
import { parseUsername } from '../../src/commands/usernames.js';
import { hashPassword, isPassword, newPassword, passwordText } from '../../src/runtime/passwords.js';
import { systemRandom } from '@creator-dashboards/shared/ids';

describe('A web address', () => {
  for (const [given, kept] of [
    ['https://example.org', 'https://example.org/'],
    ['HTTP://Example.ORG:80/a b?q=ü#x', 'http://example.org/a%20b?q=%C3%BC#x'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
    ['  https://example.org/x  ', 'https://example.org/x'],
  ] as const)
    it(`is kept as its standard writes it: ${given}`, () => expect(webAddress.parse(given)).to.equal(kept));

  for (const [what, given] of [
    ['another scheme', 'javascript:alert(1)'],
    ['another scheme behind a space', ' data:text/html,x'],
    ['a user name', 'https://bank.example@evil.example/'],
    ['a password', 'https://:secret@example.org/'],
    ['a line break', 'https://exam\nple.org/'],
    ['a tab', 'https://example.org/\tx'],
    ['no host', 'https://'],
    ['a single slash', 'https:/example.org'],
    ['more than 2,048 characters once encoded', `https://example.org/${'ü'.repeat(400)}`],
  ] as const)
    it(`is refused with ${what}`, () => {
      expect(webAddressOf(given)).to.equal(null);
      expect(webAddress.safeParse(given).success).to.equal(false);
    });

  it('may be an icon, as may a plain name, but no markup', () => {
    expect(iconText.parse(' shopping-bag ')).to.equal('shopping-bag');
    expect(iconText.parse('https://Example.org/i.png')).to.equal('https://example.org/i.png');
    for (const bad of ['<svg>', 'javascript:alert(1)', '//example.org', 'a:b', '', '../x'])
      expect(iconText.safeParse(bad).success, bad).to.equal(false);
  });
});

describe('A password', () => {
  it('is the same however a keyboard composes its characters', async () => {
    const [composed, decomposed] = ['Gr\u00fcn-wie-7', 'Gru\u0308n-wie-7'];
    const stored = await hashPassword(newPassword.parse(decomposed), systemRandom);
    expect(await isPassword(stored, passwordText.parse(composed))).to.equal(true);
    expect(await isPassword(stored, passwordText.parse(decomposed))).to.equal(true);
  });

  it('is none of the common ones, whatever their case', () => {
    for (const common of ['Password1', 'pAssw0rd1', '1Q2w3e4r', 'Abcd1234', 'Trustno1'])
      expect(newPassword.safeParse(common).error?.issues[0]?.message, common).to.equal(
        'is one of the most common passwords',
      );
    expect(newPassword.safeParse('Correct-horse-7').success).to.equal(true);
  });
});

describe('A username', () => {
  const choose = (name: string) => parseUsername(name, null, 'auth.register.username_taken');
  for (const name of [
    'admin',
    'Admin',
    'a.d-m_i.n',
    '4dm1n',
    'supp0rt',
    'we8h00ks',
    'b1o.',
    'he1p',
    'checkout',
    '-adm1n-',
  ])
    it(`cannot be ${name}, which reads as one of ours`, () =>
      expect(choose(name)).to.deep.equal({ refused: 'auth.register.username_taken', vars: {} }));
  for (const name of ['admins', 'b10s', 'mall', '4dm2n', 'nadia'])
    it(`may be ${name}`, () => expect(choose(name)).to.be.a('string'));
});
