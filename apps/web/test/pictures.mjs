// Where the package under test is, and pictures for it as ferpredict sees them.
import assert from 'node:assert/strict';
import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {gunzipSync} from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
export const packageFolder = process.env.MIEN_WEB ?? join(root, 'build/wasm/mien-web');
export const dataFolder = join(root, 'data');
const decoder = process.env.MIEN_DECODE ?? join(packageFolder, '../apps/web/test/decode.wasm');

export const {load, MienError} = await import(pathToFileURL(join(packageFolder, 'mien-web.js')).href);

/** Gray levels as ImageData has them: gray stays what it is on its way back. */
export function picture(gray, width, height) {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; ++i) data.fill(gray[i], 4 * i, 4 * i + 3);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return {data, width, height};
}

let decode = null;

/** A file that ferpredict reads. */
export async function readPicture(path) {
  if (decode === null) {
    assert(existsSync(decoder), `${decoder} is missing: build the preset wasm`);
    const nothing = new Proxy({}, {get: () => () => 0, has: () => true});
    const imports = {env: nothing, wasi_snapshot_preview1: nothing};
    decode = (await WebAssembly.instantiate(readFileSync(decoder), imports)).instance.exports;
    decode._initialize();
  }
  const bytes = readFileSync(path);
  const place = decode.malloc(bytes.length);
  new Uint8Array(decode.memory.buffer, place, bytes.length).set(bytes);
  const gray = decode.decode(place, bytes.length);
  decode.free(place);
  assert.notEqual(gray, 0, `${path}: cannot be decoded`);
  const [width, height] = [decode.image_width(), decode.image_height()];
  return picture(new Uint8Array(decode.memory.buffer, gray, width * height), width, height);
}

/** The first `count` pictures of a CSV like FER2013's, of one use where that is given. */
export function csvFaces(path, count, usage = '') {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
  const faces = [];
  for (let at = text.indexOf('\n') + 1; at > 0 && at < text.length && faces.length < count; ) {
    const end = text.indexOf('\n', at);
    const row = text.slice(at, end < 0 ? text.length : end).trim().split(',');
    at = end < 0 ? -1 : end + 1;
    if (row.length < 2 || (usage && row[2] !== usage)) continue;
    const gray = Uint8Array.from(row[1].replaceAll('"', '').trim().split(/\s+/), Number);
    faces.push(picture(gray, 48, 48));
  }
  return faces;
}
