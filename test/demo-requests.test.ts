/** Every request of requests.http succeeds, or is refused as its title says, sent from top to bottom to a fresh demonstration as `npm start` runs it. */
import { freePort } from '@creator-dashboards/shared/testing/free-port';
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLauncher } from './support/child.js';
import { filledIn, parseHttpFile, variablesIn, type HttpRequest } from './support/http-file.js';

const text = readFileSync(new URL('../requests.http', import.meta.url), 'utf8');
const { variables, requests } = parseHttpFile(text);
/** The two command lines of the file's remarks: what prints the variables, and the signature of a webhook. */
const [variablesCommand = '', signatureCommand = ''] = [...text.matchAll(/^# +(node -p .*)$/gm)].map(
  ([, line = '']) => line,
);

/** Sends requests in a folder whose `data` is that of a running demonstration. */
function sender(folder: string) {
  const shell = (line: string) => execFileSync('bash', ['-c', line], { cwd: folder, encoding: 'utf8' }).trim();
  const values = new Map([...variables, ...variablesIn(shell(variablesCommand))]);
  const answers = new Map<string, unknown>();
  /** As REST Client keeps it. */
  let cookie = '';
  const fill = (template: string) => filledIn(template, values, answers);

  function signature(url: string, body: string): string {
    writeFileSync(join(folder, 'body.json'), body);
    return shell(signatureCommand.replace('/api/v1/webhooks/payments', new URL(url).pathname));
  }

  return async ({ method, url: address, headers, body: template, name, title }: HttpRequest): Promise<void> => {
    const [url, body] = [fill(address), template === null ? null : fill(template)];
    if (headers['X-Signature'] !== undefined) values.set('signature', signature(url, body ?? ''));
    const filled = Object.fromEntries(Object.entries(headers).map(([header, value]) => [header, fill(value)]));
    const response = await fetch(url, { method, headers: { ...filled, Cookie: cookie }, body });
    cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    const answer = await response.text();
    // "(refused where …)": there is none of that in the demonstration.
    const isRight = title.includes('(refused ') ? [400, 404, 409].includes(response.status) : response.ok;
    if (!isRight) throw new Error(`${response.status} ${answer}`);
    if (name !== null) answers.set(name, JSON.parse(answer));
  };
}

describe('requests.http', () => {
  it('succeeds with every request, from top to bottom, in a fresh demonstration', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'requests-'));
    const launcher = await createLauncher();
    try {
      const data = join(folder, 'data');
      mkdirSync(data);
      await launcher.launch({ DATA_DIR: data, PORT: String(await freePort()), DEMO: '1' }).ready;
      const send = sender(folder);
      const failed: string[] = [];
      for (const request of requests)
        await send(request).catch((error: unknown) => {
          failed.push(`${request.title}: ${String(error)}`);
        });
      expect(failed).to.deep.equal([]);
    } finally {
      await launcher.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
