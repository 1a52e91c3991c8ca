// The types, with the compiler of TypeScript where there is one (npm install --no-save typescript).
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';

import {packageFolder} from './pictures.mjs';

const compiler = process.env.TSC ?? 'tsc';
const missing = spawnSync(compiler, ['--version']).status !== 0;

const source = `
import {load, MienError, type Face, type Frame, type Result} from 'mien-web';

async function use(video: HTMLVideoElement, bitmap: ImageBitmap, frame: VideoFrame, pixels: ImageData): Promise<string> {
  const mien = await load({model: new Uint8Array(8), wasm: '/mien.wasm'});
  const result: Result = mien.read(pixels, {tta: 'mirror', lang: 'ko', minScore: 0.5});
  const face: Face | undefined = result.faces[0];
  const follower = mien.follow({minFace: 40, smoothing: {hold: 0.1}});
  const seen: Frame = follower.read(video, performance.now());
  follower.read(bitmap);
  follower.read(frame);
  mien.read({data: new Uint8Array(4), width: 1, height: 1});
  // @ts-expect-error
  mien.read(pixels, {tta: 'some'});
  // @ts-expect-error
  mien.read(7);
  follower.dispose();
  mien.dispose();
  try { return (face?.emoticons[0] ?? '') + seen.faces[0].track.toFixed() + mien.version; }
  catch (error) { return error instanceof MienError ? String(error.code) : ''; }
}
void use;
`;

test('the types fit what the package is for', {skip: missing && 'tsc is missing; TSC names it'}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mien-types-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(packageFolder, join(folder, 'node_modules/mien-web'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'use.ts'), source);
  const run = spawnSync(compiler, ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', '',
    '--lib', 'es2022,dom', 'use.ts'], {cwd: folder, encoding: 'utf8'});
  assert.equal(run.status, 0, run.stdout + run.stderr);
});
