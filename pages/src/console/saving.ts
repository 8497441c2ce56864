/** Files that a reader of the console keeps. */
import type { App } from '../app/app.js';
import { saveAs } from '../app/save-as.js';
import { errorOf } from '../vendor/client.js';
import type { Query } from './models/query.js';

/** Saves what a route answers: a file as it is, of JSON the data alone. What is refused is told. */
export async function saveFile(app: App, path: string, query: Query, name: string): Promise<void> {
  try {
    // Renews a token that has ended.
    await app.client.get('/admin/kill-switches');
    const headers = { Authorization: `Bearer ${app.session.token() ?? ''}` };
    const response = await fetch(`/api/v1${path}?${new URLSearchParams(query)}`, { headers });
    if (!response.ok) throw await errorOf(response);
    const isJson = response.headers.get('Content-Type')?.startsWith('application/json');
    saveAs(name, isJson ? await dataOf(response) : await response.blob());
  } catch (error) {
    app.fail(error);
  }
}

async function dataOf(response: Response): Promise<Blob> {
  const { data } = (await response.json()) as { readonly data: unknown };
  return new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' });
}
