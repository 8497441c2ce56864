// Prints a port on which nobody listens, for a server that starts later. It lies below those that Linux gives to connections, any of
// which may be taken meanwhile, and above those of the tests (shared/testing/free-port.ts).
import { createServer } from 'node:net';

function look() {
  const port = 16_000 + Math.floor(Math.random() * 16_000);
  const server = createServer();
  server.once('error', look).listen(port, '127.0.0.1', () => server.close(() => console.log(port)));
}
look();
