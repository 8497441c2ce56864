/** A step line through time, drawn by uPlot in the colours of the page. */
import { html, ref, type TemplateResult } from '../vendor/lit.js';
import type { Step } from './models/step-line.js';

const HEIGHT = 160;

/** `points` in order of time. */
export function lineChart(points: readonly Step[], label: string): TemplateResult {
  return html`<div
    class="chart"
    role="img"
    aria-label=${`${label} through time`}
    ${ref((place) => void draw(place, points, label))}
  ></div>`;
}

async function draw(place: Element | undefined, points: readonly Step[], label: string): Promise<void> {
  const { uPlot } = await import('../vendor/uplot.js');
  // Only what stands in the page has a width and colours.
  if (!(place instanceof HTMLElement) || !place.isConnected) return;
  const of = (name: string) => getComputedStyle(place).getPropertyValue(name).trim();
  const [line, faint, grid] = [of('--accent'), of('--quiet'), of('--edge')];
  const axis = { stroke: faint, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  place.replaceChildren();
  new uPlot(
    {
      width: Math.max(240, place.clientWidth),
      height: HEIGHT,
      legend: { show: false },
      axes: [axis, { ...axis, size: 60 }],
      series: [{}, { label, stroke: line, width: 2, fill: `${line}22`, paths: uPlot.paths.stepped?.({ align: 1 }) }],
    },
    [points.map(({ at }) => at), points.map(({ value }) => value)],
    place,
  );
}
