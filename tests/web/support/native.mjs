// What the native program says of the same pictures.
import { execFileSync } from 'node:child_process';
import { ferpredict } from './paths.mjs';

const run = (words) =>
  execFileSync(ferpredict, ['--emoticon-style', 'emoji', ...words], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });

export const readFrames = (words) =>
  run(words)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
export const readPhoto = (path, ...words) => JSON.parse(run(['--json', ...words, path])).images[0];
