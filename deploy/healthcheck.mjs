// Exits with 0 when the service in this container answers 200: node deploy/healthcheck.mjs /livez (or /readyz).
import { get } from 'node:http';

const [, , path = '/livez'] = process.argv;
const { PORT: port, OPERATIONS_PORT } = process.env;
const request = get({ host: '127.0.0.1', port: OPERATIONS_PORT || port, path, timeout: 4_000 }, ({ statusCode }) =>
  process.exit(statusCode === 200 ? 0 : 1),
);
request.on('timeout', () => request.destroy()).on('error', () => process.exit(1));
