import { expect } from 'chai';
import type { RequestListener } from 'node:http';
import { withLane } from '../../src/http/lane.js';
import { Refused } from '../../src/errors.js';
import { openContext } from '../../src/http/context.js';
import { sendError } from '../../src/http/envelope.js';
import type { Around } from '../../src/http/surroundings.js';
import { answerTo } from '../../testing/same-answers.js';
import { toyRoutes, userId } from './toy-app.js';

describe('The hot lane', () => {
  const elsewhere: RequestListener = (_request, response) => void response.writeHead(299).end();
  const opened: Around = (request, response, next) => {
    openContext(request, response);
    next();
  };
  const passed: Around = (_request, _response, next) => next();
  const lane = withLane(elsewhere, {
    routes: toyRoutes().map((row) =>
      row.path === '/things/:id' && row.method === 'GET' ? { ...row, hot: true } : row,
    ),
    stepsOf:
      () =>
      async (_request, _response, { params }) => {
        if ((params as { id: string }).id === 'refused') throw new Refused('common.not_found');
        return { data: params };
      },
    enter: () => undefined,
    observe: opened,
    setCommon: passed,
    crossOrigin: passed,
    compress: passed,
    answerError: (error, response) => sendError(response, error),
  });
  const statusOf = async (path: string, method = 'GET') =>
    (await answerTo(lane, { path: `/api/v1${path}`, method })).status;

  it('answers a GET or HEAD of the address of a hot row', async () => {
    const { status, body } = await answerTo(lane, { path: `/api/v1/things/${userId}` });
    expect({ status, body }).to.deep.equal({ status: 200, body: `{"success":true,"data":{"id":"${userId}"}}` });
    expect(await statusOf(`/things/${userId}`, 'HEAD')).to.equal(200);
    expect(await statusOf('/things/refused')).to.equal(404);
  });

  it('leaves every other request to Express', async () => {
    const others = [
      '/things/',
      `/things/${userId}/`,
      `/things/${userId}?q=1`,
      '/things/a%20b',
      `/Things/${userId}`,
      '/unchanged',
      '/things/search',
      '/page',
    ];
    for (const path of others) expect(await statusOf(path), path).to.equal(299);
    for (const method of ['POST', 'DELETE', 'OPTIONS'])
      expect(await statusOf(`/things/${userId}`, method), method).to.equal(299);
    const headers = [['Content-Length', '1']] as const;
    expect((await answerTo(lane, { path: `/api/v1/things/${userId}`, headers, body: 'x' })).status).to.equal(299);
  });
});
