// Readers that cannot be loaded, and browsers that cannot run them.
import assert from 'node:assert/strict';
import { cpSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { choosePhoto, openBooth, startCamera, text, untilEmoticon, untilState } from './support/booth.mjs';
import { booth, data } from './support/paths.mjs';
import { makeAstronautVideo, scratch } from './support/videos.mjs';

const folder = scratch();

test('a model that cannot be loaded is named, and tried again', async (t) => {
  const copy = join(folder, 'copy');
  cpSync(booth, copy, { recursive: true });
  const model = join(copy, 'mien-web/small.safetensors');
  renameSync(model, `${model}.away`);
  const { page } = await openBooth(t, { folder: copy, video: makeAstronautVideo(folder).file });
  await page.click('#start');
  await untilState(page, 'trouble');
  assert.equal(await text(page, '#trouble-title'), 'The reader could not be loaded');
  assert.match(await text(page, '#trouble-detail'), /small\.safetensors/);
  assert.equal(await page.$eval('#video', (video) => video.srcObject), null);
  renameSync(`${model}.away`, model);
  await page.click('#retry');
  await untilState(page, 'live');
  await untilEmoticon(page);
});

test('a browser without SIMD is told so, at once', async (t) => {
  const { page } = await openBooth(t, {
    prepare: (p) =>
      p.evaluateOnNewDocument(() => {
        WebAssembly.validate = () => false;
      }),
  });
  await untilState(page, 'trouble');
  assert.equal(await text(page, '#trouble-title'), 'This browser is too old');
  assert.match(await text(page, '#trouble-text'), /WebAssembly SIMD/);
  assert.ok(!(await (await page.$('.trouble .choices')).isVisible()));
});

test('a worker that stops in the middle is said to have stopped, and started again', async (t) => {
  const { page } = await openBooth(t, {
    video: makeAstronautVideo(folder).file,
    prepare: (p) =>
      p.evaluateOnNewDocument(() => {
        window.Worker = class extends Worker {
          constructor(...words) {
            super(...words);
            window.lastWorker = this;
          }
        };
      }),
  });
  await startCamera(page);
  await untilEmoticon(page);
  await page.evaluate(() =>
    window.lastWorker.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' })),
  );
  await untilState(page, 'trouble');
  assert.equal(await text(page, '#trouble-title'), 'The reader stopped');
  assert.equal(await text(page, '#trouble-detail'), 'out of memory');
  await page.click('#retry');
  await untilState(page, 'live');
  await untilEmoticon(page);
  await choosePhoto(page, data('astronaut.jpg'));
  await untilEmoticon(page);
});
