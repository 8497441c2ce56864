/** Templates (lit-html), and the directives that are used here. */
export { html, nothing, render, svg, type TemplateResult } from 'lit-html';
export { ifDefined } from 'lit-html/directives/if-defined.js';
export { live } from 'lit-html/directives/live.js';
export { ref } from 'lit-html/directives/ref.js';
export { repeat } from 'lit-html/directives/repeat.js';
