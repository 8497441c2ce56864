/** Writes figures into the table of docs/performance.md: a row for each, the others stay as they were last measured. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { floorOf, short, valueOf, type Figure } from './figures.js';

const FILE = new URL('../docs/performance.md', import.meta.url);
const [BEGIN, END] = ['<!-- figures of npm run bench -->', '<!-- end of figures -->'];
const HEAD = [
  '| What | median (least-most) | floor | goal | holds | beside | measured |',
  '| --- | --- | --- | --- | --- | --- | --- |',
];
const loadAtStart = loadavg()[0] ?? 0;

export function writeTable(figures: readonly Figure[]): void {
  const text = readFileSync(FILE, 'utf8');
  const [before = '', rest = ''] = text.split(BEGIN);
  const [inside = '', after = ''] = rest.split(END);
  const rows = new Map(
    inside
      .split('\n')
      .filter((line) => line.startsWith('| ') && !HEAD.includes(line))
      .map((line) => [cellsOf(line)[0] ?? '', line]),
  );
  for (const figure of figures) rows.set(figure.name, rowOf(figure));
  writeFileSync(FILE, `${before}${BEGIN}\n\n${[...HEAD, ...rows.values()].join('\n')}\n\n${END}${after}`);
}

function rowOf(figure: Figure): string {
  const { name, goal, floor, holds, unit, beside = '' } = figure;
  const goalText = goal === undefined ? '' : `${short(goal)}${unit === 'x' ? '' : ` ${unit}`}`;
  const cells = [
    name,
    valueOf(figure),
    floorOf(figure),
    goalText,
    floor === null ? '' : holds ? 'yes' : 'no',
    beside,
    machine(),
  ];
  return `| ${cells.join(' | ')} |`;
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** When, on what, and what else that was doing. */
export function machine(): string {
  const model = cpus()[0]?.model ?? 'unknown';
  const day = new Date().toISOString().slice(0, 16).replace('T', ' ');
  return `${day}, ${availableParallelism()} × ${model}, Node ${process.versions.node}, load ${short(loadAtStart)} before`;
}
