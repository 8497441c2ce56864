// `npm test`: every file that needs no server, two at a time; the longest first, so that none is left alone at the end.
const { statfsSync } = require('node:fs');

// Data on a memory disk where there is one with room: else the tests wait for the disk most of the time.
const MEMORY_DISK = '/dev/shm';
const ROOM = 2 ** 30;
if (!process.env.TMPDIR && roomOf(MEMORY_DISK) > ROOM) process.env.TMPDIR = MEMORY_DISK;

function roomOf(folder) {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0; // there is none
  }
}

/** Those that take long, in test/. */
const LONG = [
  'kill',
  'processes',
  'equal-modes',
  'disk',
  'three-services',
  'trouble',
  'trouble-projectors',
  'changing-a-projection',
];

module.exports = {
  ...require('./.mocharc.cjs'),
  parallel: true,
  jobs: 2,
  spec: [
    ...LONG.map((name) => `test/${name}.test.ts`),
    'test/pages/*.test.ts', // a browser takes long, too
    // Without the long ones: mocha runs a file that two patterns name twice, and counts its second, empty run as failed without a word.
    `test/!(${LONG.join('|')}).test.ts`,
    'test/!(mutants|pages)/**/*.test.ts', // the modules of mutants bring tests of their own
    '{shared,command-service,projector,query-service,client}/test/**/*.test.ts',
  ],
};
