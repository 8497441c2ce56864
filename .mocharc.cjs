module.exports = {
  'node-option': ['conditions=source', 'import=./test/register.mjs'],
  require: './test/leaks.mjs',
  forbidOnly: true,
  forbidPending: true,
  failZero: true,
  timeout: 60_000, // enough on a machine five times slower than a laptop
};
