/** `npm run load`: a realistic mix of requests on a running installation; what it answers, how soon, and how far views are behind. */
import { Command, InvalidArgumentError } from 'commander';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { quantile, short } from './figures.js';
import { runMix, type Kind } from './mix.js';

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('it must be a number above 0.');
  return value;
}

const { url, rate, seconds, people, live } = new Command('load')
  .description(
    'Asks a running installation for dashboards, half of them with an ETag, writes and answers paid messages, and listens to what is pushed.\n' +
      'It registers people of its own, so never use it on an installation that is in use. Start that one with RATE_LIMIT_FACTOR=100000,\n' +
      'since all requests come from one address, and give this program the same WEBHOOK_SECRET: it loads wallets as the payment provider does.',
  )
  .option('--url <url>', 'where it is', 'http://127.0.0.1:3000')
  .option('--rate <n>', 'requests a second', positive, 200)
  .option('--seconds <n>', 'for how long', positive, 10)
  .option('--people <n>', 'how many creators, and as many fans', positive, 10)
  .option('--live <n>', 'open live streams, up to five for each creator', positive, 20)
  .parse()
  .opts<{ url: string; rate: number; seconds: number; people: number; live: number }>();

const mix = { url: url.replace(/\/$/, ''), environment: readEnvironment(), rate, seconds, people, live };
const kinds = await runMix(mix, console.log);
for (const kind of kinds.sort((a, b) => a.name.localeCompare(b.name))) console.log(told(kind));
if (kinds.some(({ faults }) => faults.size > 0)) process.exitCode = 1;

function told({ name, taken, faults }: Kind): string {
  const times = [0.5, 0.95, 0.99].map((share) => `p${share * 100} ${short(quantile(taken, share))} ms`);
  const failed = [...faults].map(([status, count]) => `${count} x ${status}`);
  const each = `${String(taken.length).padStart(7)}   ${short(taken.length / seconds).padStart(6)}/s`;
  return `${name.padEnd(28)}${each}   ${times.join('   ')}${failed.length > 0 ? `   FAILED: ${failed.join(', ')}` : ''}`;
}
