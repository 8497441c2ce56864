import { expect } from 'chai';
import { createOutput, table } from '../../src/command-line/output.js';

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
  it('has progress as JSON lines where there is no terminal, each once, also beside a JSON result', () => {
    for (const isJson of [true, false]) {
      const [out, err]: string[][] = [[], []];
      const sink = (to: string[]) => ({ write: (text: string) => to.push(text) });
      const output = createOutput(isJson, sink(out ?? []), sink(err ?? []));
      for (const part of [0.1, 0.1, 0.2]) output.progress('a bar', { part });
      output.result(1, '1');
      expect(err).to.deep.equal(['{"part":0.1}\n', '{"part":0.2}\n']);
      expect(out).to.deep.equal(['1\n']);
    }
  });
  it('has progress as one line of a terminal, which it does not leave', () => {
    const written: string[] = [];
    const terminal = { isTTY: true, columns: 9, write: (text: string) => written.push(text) };
    const output = createOutput(false, terminal, terminal);
    output.progress('a bar of some length', { part: 0.1 });
    output.result(1, 'done');
    expect(written).to.deep.equal(['\r\u001b[Ka bar of', '\n', 'done\n']);
    createOutput(true, terminal, terminal).progress('a bar', { part: 0.1 });
    expect(written).to.have.length(3);
  });
});
