/** Charts (uPlot); its style is in style/main.css. */
export { default } from 'uplot';
