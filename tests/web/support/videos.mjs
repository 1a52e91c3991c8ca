// Files for Chromium's fake camera, made of the pictures in data/, and the same frames for ferpredict --frames.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { data } from './paths.mjs';

const kWidth = 320,
  kHeight = 240,
  kFace = 160,
  kPixels = 48;
const kGround = 200; // gray around a face

export const frameRate = 10;

/// A folder for files of a test, gone when node ends.
export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'mien-web-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/// Row `number` (from 0) of the drawn faces as pixels.
function drawnFace(number) {
  const rows = gunzipSync(readFileSync(data('faces.csv.gz')))
    .toString()
    .split('\n');
  return rows[number + 1].split(',')[1].split(' ').map(Number);
}

// Enlarged, bilinearly, in the middle of a gray frame.
function frameOf(pixels) {
  const frame = Buffer.alloc(kWidth * kHeight, kGround);
  const place = (i) => Math.min(kPixels - 1.001, Math.max(0, ((i + 0.5) * kPixels) / kFace - 0.5));
  for (let y = 0; y < kFace; ++y) {
    for (let x = 0; x < kFace; ++x) {
      const [left, top] = [Math.floor(place(x)), Math.floor(place(y))];
      const [right, down] = [place(x) - left, place(y) - top];
      const row = (r) => pixels[r * kPixels + left] * (1 - right) + pixels[r * kPixels + left + 1] * right;
      const value = row(top) * (1 - down) + row(top + 1) * down;
      frame[(y + (kHeight - kFace) / 2) * kWidth + x + (kWidth - kFace) / 2] = Math.round(value);
    }
  }
  return frame;
}

const empty = () => Buffer.alloc(kWidth * kHeight, kGround);

/// A video that shows each of `rows` of the drawn faces (null: nobody) for `seconds`: for the camera as
/// `file`, and in `native` the arguments with which ferpredict reads the very same frames.
export function makeVideo(folder, name, rows, seconds) {
  const frames = rows.flatMap((row) =>
    Array(seconds * frameRate).fill(row === null ? empty() : frameOf(drawnFace(row))),
  );
  const gray = join(folder, `${name}.gray`);
  writeFileSync(gray, Buffer.concat(frames));
  // The camera's brightness runs from 16 to 235.
  const chroma = Buffer.alloc((kWidth * kHeight) / 2, 128);
  const limited = (frame) => frame.map((value) => Math.round(16 + (value * 219) / 255));
  const y4m = join(folder, `${name}.y4m`);
  const header = `YUV4MPEG2 W${kWidth} H${kHeight} F${frameRate}:1 Ip A1:1 C420mpeg2\n`;
  writeFileSync(
    y4m,
    Buffer.concat([
      Buffer.from(header),
      ...frames.flatMap((f) => [Buffer.from('FRAME\n'), limited(f), chroma]),
    ]),
  );
  const size = `${kWidth}x${kHeight}`;
  return {
    file: y4m,
    native: ['--frames', gray, '--frame-format', 'gray8', '--frame-size', size, '--frame-rate', `${frameRate}`],
  };
}

/// The astronaut as a video: frames of MJPEG are JPEG files one behind another.
export function makeAstronautVideo(folder) {
  const photo = readFileSync(data('astronaut.jpg'));
  const mjpeg = join(folder, 'astronaut.mjpeg');
  writeFileSync(mjpeg, Buffer.concat([photo, photo, photo]));
  return { file: mjpeg, native: ['--frames', mjpeg, '--frame-rate', `${frameRate}`] };
}
