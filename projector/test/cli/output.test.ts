import { expect } from 'chai';
import { createOutput, table } from '../../src/cli/output.js';

describe('The output of the command line', () => {
  it('aligns the columns of a table, numbers to the right', () => {
    expect(
      table(
        ['NAME', 'N'],
        [
          ['a', 1n],
          ['long', 200],
        ],
      ),
    ).to.equal('NAME    N\na       1\nlong  200');
  });
  it('is either one JSON value without progress, or text', () => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text) };
    const json = createOutput(true, stream, stream);
    json.progress('half');
    json.result({ position: 5n }, 'five');
    expect(written.splice(0)).to.deep.equal(['{\n  "position": "5"\n}\n']);
    const text = createOutput(false, stream, stream);
    text.progress('half');
    text.progress('half');
    text.result({ position: 5n }, 'five');
    expect(written).to.deep.equal(['half\n', 'five\n']);
  });
});
