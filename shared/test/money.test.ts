import { numberToCents, percentOf, toCents, toDecimal, toMajor } from '../src/money.js';
import { expect } from 'chai';
import fc from 'fast-check';

describe('Money', () => {
  const cents = fc.integer({ min: -1_000_000_000_00, max: 1_000_000_000_00 });

  it('converts decimal strings to cents and back', () => {
    expect(toCents('12.50')).to.equal(1250);
    expect(toCents('12.5')).to.equal(1250);
    expect(toCents('12')).to.equal(1200);
    expect(toCents('-0.05')).to.equal(-5);
    expect(toDecimal(1250)).to.equal('12.50');
    expect(toDecimal(-5)).to.equal('-0.05');
    expect(toDecimal(0)).to.equal('0.00');
    fc.assert(fc.property(cents, (amount) => toCents(toDecimal(amount)) === amount));
  });

  it('rejects whatever is not an amount', () => {
    for (const text of ['', '1e3', '1.234', '.5', '5.', ' 1', '1,00', 'NaN', '0x10', '99999999999999'])
      expect(() => toCents(text), text).to.throw(RangeError, `not an amount: ${JSON.stringify(text)}`);
    for (const value of [0.5, NaN, Infinity, 2 ** 53])
      expect(() => toDecimal(value), String(value)).to.throw(RangeError, `not an amount in cents: ${value}`);
  });

  it('accepts a JSON number only when it is exact: not 0.1 + 0.2', () => {
    expect(numberToCents(5)).to.equal(500);
    expect(numberToCents(0.07)).to.equal(7);
    expect(numberToCents(1.005)).to.equal(null);
    expect(numberToCents(0.1 + 0.2)).to.equal(null);
    expect(numberToCents(Infinity)).to.equal(null);
    expect(toMajor(125_050)).to.equal(1250.5);
  });

  it('rejects a JSON number whose cents exceed 2^53 - 1, beyond which not every integer is exact', () => {
    expect(numberToCents(90_071_992_547_409.9)).to.equal(9_007_199_254_740_990);
    expect(numberToCents(90_071_992_547_409.92)).to.equal(null);
    expect(numberToCents(1e14)).to.equal(null);
  });

  it('rounds a commission half up to a cent (G7)', () => {
    expect(percentOf(1250, 20)).to.equal(250);
    expect(percentOf(1, 50)).to.equal(1); // 0.5 goes up.
    expect(percentOf(333, 15)).to.equal(50); // 49.95
    expect(percentOf(330, 12.5)).to.equal(41); // 41.25
    expect(percentOf(500, 0)).to.equal(0);
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.integer({ min: 0, max: 100 }), (amount, percent) => {
        const exact = BigInt(amount) * BigInt(percent); // hundredths of a cent
        return BigInt(percentOf(amount, percent)) === (exact + 50n) / 100n;
      }),
    );
  });
});
