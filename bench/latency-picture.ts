/** A picture of latency against load, both on logarithmic scales, that can be read on a light and on a dark page. */

export interface Line {
  readonly name: string;
  /** By rate. Milliseconds. */
  readonly points: readonly { readonly perSecond: number; readonly p50: number; readonly p99: number }[];
}

const [WIDTH, HEIGHT] = [760, 436];
const FRAME = { left: 64, right: 620, top: 24, bottom: 360 };
const RATES = [100, 100_000] as const;
const TIMES = [0.05, 500] as const;
const COLOURS = ['#8a8a8a', '#2f81f7', '#d9822b'];

/** `lines`, of which each shows its median, and its 99th percentile dashed; `below` says where they were measured. */
export function drawn(lines: readonly Line[], below: string): string {
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Latency of a dashboard read against requests a second">`,
    '<style>text{font:13px system-ui,sans-serif;fill:#57606a}.grid{stroke:#8a8a8a;stroke-opacity:.25}path{fill:none;stroke-width:2}.p99{stroke-dasharray:4 4;stroke-width:1.5}@media(prefers-color-scheme:dark){text{fill:#b1bac4}}</style>',
    ...decades(RATES).flatMap((rate) => [
      `<line class="grid" x1="${x(rate)}" x2="${x(rate)}" y1="${FRAME.top}" y2="${FRAME.bottom}"/>`,
      `<text x="${x(rate)}" y="${FRAME.bottom + 20}" text-anchor="middle">${rate.toLocaleString('en')}</text>`,
    ]),
    ...decades([0.1, 100]).flatMap((ms) => [
      `<line class="grid" x1="${FRAME.left}" x2="${FRAME.right}" y1="${y(ms)}" y2="${y(ms)}"/>`,
      `<text x="${FRAME.left - 8}" y="${y(ms) + 4}" text-anchor="end">${ms} ms</text>`,
    ]),
    `<text x="${(FRAME.left + FRAME.right) / 2}" y="${FRAME.bottom + 44}" text-anchor="middle">requests a second (solid: median; dashed: 99th percentile)</text>`,
    ...lines.flatMap(({ name, points }, index) => {
      const colour = COLOURS[index % COLOURS.length];
      const last = points.at(-1);
      return [
        `<path stroke="${colour}" d="${through(points.map(({ perSecond, p50 }) => [perSecond, p50]))}"/>`,
        `<path class="p99" stroke="${colour}" d="${through(points.map(({ perSecond, p99 }) => [perSecond, p99]))}"/>`,
        last
          ? `<text x="${FRAME.right + 12}" y="${FRAME.top + 20 + 22 * index}" style="fill:${colour}">${name}</text>`
          : '',
      ];
    }),
    `<text x="${FRAME.left}" y="${HEIGHT - 8}" style="font-size:11px">${below}</text>`,
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

function through(points: readonly (readonly [number, number])[]): string {
  return points.map(([rate, ms], index) => `${index === 0 ? 'M' : 'L'}${x(rate)} ${y(ms)}`).join('');
}

const x = (rate: number) => Math.round(FRAME.left + part(rate, RATES) * (FRAME.right - FRAME.left));
const y = (ms: number) => Math.round(FRAME.bottom - part(ms, TIMES) * (FRAME.bottom - FRAME.top));

/** Where a value is between two others, by its logarithm, from 0 to 1. */
function part(value: number, [least, greatest]: readonly [number, number]): number {
  const within = Math.min(greatest, Math.max(least, value));
  return Math.log(within / least) / Math.log(greatest / least);
}

function decades([from, to]: readonly [number, number]): number[] {
  const found: number[] = [];
  for (let value = from; value <= to * 1.01; value *= 10) found.push(Number(value.toPrecision(1)));
  return found;
}
