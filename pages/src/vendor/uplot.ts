/** Charts (uPlot): drawn on a canvas, loaded when the first one is shown. */
export { default as uPlot } from 'uplot';
