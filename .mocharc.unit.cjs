// `npm run test:unit`: what is pure or runs in memory (deciders, folds, presenters, feed, clock, money), in seconds.
module.exports = {
  ...require('./.mocharc.cjs'),
  // Alternatives as @(a|b): where {a,b} is all that is special in a pattern, mocha takes it for a plain name and only warns.
  spec: [
    'shared/test/*.test.ts',
    'shared/test/views/**/*.test.ts',
    'shared/test/process/environment.test.ts',
    'command-service/test/creator/!(*flow).test.ts',
    'command-service/test/messages/@(conversation|message).test.ts',
    'command-service/test/money/@(creator-wallet|fan-wallet|checkout|payout-book|wallet-properties).test.ts',
    'command-service/test/referral/@(referral-link|referral-reward).test.ts',
    'command-service/test/users/@(user|reservation).test.ts',
  ],
};
