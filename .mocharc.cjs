module.exports = {
  'node-option': ['conditions=source', 'import=./test/register.mjs'],
  require: './test/leaks.mjs',
  forbidOnly: true,
  forbidPending: true,
  failZero: true,
  timeout: 300_000, // it only ends a test that hangs: a busy machine with a slow disk may need minutes for what takes seconds elsewhere
};
