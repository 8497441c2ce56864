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

module.exports = {
  ...require('./.mocharc.cjs'),
  parallel: true,
  jobs: 2,
  spec: [
    'test/kill.test.ts',
    'test/processes.test.ts',
    'test/equal-modes.test.ts',
    'test/disk.test.ts',
    'test/three-services.test.ts',
    'test/trouble*.test.ts',
    // Written like the names above: a file under two names would run twice.
    'test/**/*.test.ts',
    '{shared,command-service,projector,query-service}/test/**/*.test.ts',
  ],
};
