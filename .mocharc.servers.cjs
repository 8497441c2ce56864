// `npm run test:servers`: contract suites and journeys on the servers that EVENT_STORE_URL, READ_STORE_URL, KEY_STORE_URL and
// QUEUE_URL name. What they do not name is said and left out, or stands in as a fake.
process.env.TEST_SERVERS = '1';

module.exports = {
  ...require('./.mocharc.cjs'),
  spec: ['{shared/,}test/servers/*.servers.ts', 'test/journeys/*.test.ts'],
};
