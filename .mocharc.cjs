module.exports = {
  spec: ['shared/test/**/*.test.ts', 'command-service/test/**/*.test.ts', 'projector/test/**/*.test.ts', 'query-service/test/**/*.test.ts', 'test/**/*.test.ts'],
  'node-option': ['conditions=source', 'import=tsx'],
  forbidOnly: true,
  forbidPending: true,
  failZero: true,
  timeout: 10_000,
};
