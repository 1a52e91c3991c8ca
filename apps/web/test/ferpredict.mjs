// The native program's answers.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

export function ferpredict(program, options) {
  const all = [...options, '--json', '--emoticon-style', 'emoji'];
  return JSON.parse(execFileSync(program, all, {encoding: 'utf8', maxBuffer: 2 ** 30}));
}

/** What read(folder) says of a folder with these gray pictures, in their order. */
export function inFolder(pictures, read) {
  const folder = mkdtempSync(join(tmpdir(), 'mien-web-'));
  try {
    pictures.forEach(({data, width, height}, i) => {
      const gray = Uint8Array.from({length: width * height}, (_, pixel) => data[4 * pixel]);
      const name = `${String(i).padStart(6, '0')}.pgm`;
      writeFileSync(join(folder, name), Buffer.concat([Buffer.from(`P5 ${width} ${height} 255\n`), gray]));
    });
    return read(folder).images;
  } finally {
    rmSync(folder, {recursive: true});
  }
}
