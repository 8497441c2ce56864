// Ends a run that does not end by itself, and makes it fail: whatever is still open, a test forgot to close.
const GRACE_MS = 10_000;

export const mochaHooks = {
  afterAll() {
    const giveUp = () => {
      console.error(`still open ${GRACE_MS / 1000} s after the last test:`, process.getActiveResourcesInfo());
      process.on('exit', () => (process.exitCode = 1)); // after mocha's own listener, which sets the number of failures
      process.exit();
    };
    setTimeout(giveUp, GRACE_MS).unref();
  },
};
