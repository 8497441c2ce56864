module.exports = {
  'node-option': ['conditions=source', 'import=./test/register.mjs', 'unhandled-rejections=strict'],
  require: './test/leaks.mjs',
  forbidOnly: true,
  forbidPending: true,
  failZero: true,
  timeout: 10_000,
};
