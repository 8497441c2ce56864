/** How amounts, counts and times are written. Amounts are never numbers: they are decimal strings, as the API answers them. */
import { now } from '../surroundings.js';

/** "1250.00" becomes "$1,250.00"; "-3.50" becomes "−$3.50". */
export function money(amount: string | 0): string {
  const [, sign = '', whole = '0', cents = '00'] = /^(-?)(\d+)(?:\.(\d{2}))?$/.exec(String(amount)) ?? [];
  return `${sign && '−'}$${grouped(whole)}.${cents}`;
}

/** A whole number, in groups of three digits. */
export function count(value: number | bigint | string): string {
  return grouped(String(value));
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });
const DAY_AND_TIME = new Intl.DateTimeFormat('en', {
  ...{ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false },
});

/** "27 Nov 2026" in the reader's time zone; of an instant as the API writes it. */
export function day(instant: string): string {
  return DAY.format(new Date(instant));
}

export function dayAndTime(instant: string): string {
  return DAY_AND_TIME.format(new Date(instant));
}

const AGO = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const UNITS = [
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
] as const;

/** "3 hours ago"; of what lies more than a month away, the day. */
export function ago(instant: string): string {
  const passed = now() - new Date(instant).getTime();
  if (Math.abs(passed) < 60_000) return 'just now';
  if (Math.abs(passed) > 30 * 86_400_000) return day(instant);
  const [unit, length] = UNITS.findLast(([, ms]) => Math.abs(passed) >= ms) ?? UNITS[0];
  return AGO.format(-Math.trunc(passed / length), unit);
}

/** "SINGLE_PAY" becomes "Single pay". */
export function words(name: string): string {
  const text = name.toLowerCase().replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
