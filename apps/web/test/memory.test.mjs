// Frame after frame takes no more memory. MIEN_FRAMES says how many, such as 10000.
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {test} from 'node:test';

import {csvFaces, dataFolder, load, picture, readPicture} from './pictures.mjs';

const frames = Number(process.env.MIEN_FRAMES ?? 1000);

/** Every `step`th pixel of every `step`th row. */
function smaller({data, width, height}, step) {
  const [w, h] = [Math.floor(width / step), Math.floor(height / step)];
  return picture(Uint8Array.from({length: w * h}, (_, i) => data[4 * step * (Math.floor(i / w) * width + (i % w))]), w, h);
}

test(`${frames} frames`, async () => {
  const mien = await load();
  const photo = await readPicture(join(dataFolder, 'astronaut.jpg'));
  // The largest of all now and then, at sizes that have the face in them.
  const pictures = [smaller(photo, 3), smaller(photo, 2), ...csvFaces(join(dataFolder, 'faces.csv.gz'), 2)];
  let follower = null;
  const look = (i) => {
    if (i % 50 === 0) {
      follower?.dispose();
      follower = mien.follow({lang: 'ko'});
    }
    follower.read(i % 40 === 0 ? photo : pictures[i % 10 === 0 ? 1 : 0], 40 * (i + 1));
    if (i % 5 === 0) mien.read(pictures[i % 4], {tta: i % 3 === 0 ? 'mirror' : 'none'});
    if (i % 10 === 0) assert.throws(() => mien.read(photo, {tta: 'some'}));
  };
  const kWarm = 150; // every picture has been read in every way, large ones more than once
  for (let i = 0; i < kWarm; ++i) look(i);
  const before = mien.memoryBytes;
  for (let i = kWarm; i < frames; ++i) look(i);
  assert.equal(mien.memoryBytes, before, 'bytes held by the WebAssembly');
  console.log(`${before / 2 ** 20} MiB`);
  mien.dispose();
});
