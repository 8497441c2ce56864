/** Our own pages: plain HTML without a script, under a policy that allows nothing but our one style sheet. */
import { createHash } from 'node:crypto';
import type { RouteResponse } from './route.js';

const STYLE = `
:root { color-scheme: light dark; --text: #1c1b22; --quiet: #5b5966; --ground: #f6f5fa; --card: #fff; --edge: #d9d7e3; --accent: #4b3fd1 }
@media (prefers-color-scheme: dark) {
  :root { --text: #f1f0f7; --quiet: #b3b0c2; --ground: #15141b; --card: #211f2a; --edge: #3b3848; --accent: #b0a8ff }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
main { max-width: 36rem; margin: 0 auto; padding: clamp(2rem, 8vw, 5rem) 1rem; text-align: center }
h1 { margin: 0; font-size: clamp(1.5rem, 6vw, 2.25rem); line-height: 1.2 }
.quiet { margin: .25rem 0 0; color: var(--quiet) }
.text { margin: 1.5rem 0 0; white-space: pre-line }
ul { margin: 2rem 0 0; padding: 0; list-style: none; display: grid; gap: .75rem }
li a { display: block; padding: .75rem 1rem; border: 1px solid var(--edge); border-radius: .75rem; background: var(--card); color: inherit; text-decoration: none }
li a:hover, li a:focus-visible { border-color: var(--accent); outline: 2px solid var(--accent); outline-offset: -2px }
li span { display: block }
li .host { color: var(--quiet); font-size: .875rem }
button { font: inherit; padding: .5rem 1.25rem; cursor: pointer }
`;

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A text inside an element or a quoted attribute: shown as it is, whatever it says. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** `title` is a text; `main` is HTML, of which every text is `escaped`. */
export function page(title: string, main: string): RouteResponse & { readonly html: string } {
  return {
    headers: { 'Content-Security-Policy': POLICY },
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`,
  };
}

/** The same whatever the reason: it does not tell what was here. */
export function notFoundPage(): RouteResponse {
  const { html, headers } = page('Not found', '<h1>Not found</h1>\n<p class="text">There is no such page.</p>');
  return { status: 404, html, headers: { ...headers, 'Cache-Control': 'no-store' } };
}
