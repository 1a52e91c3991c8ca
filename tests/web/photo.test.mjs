// Photos: chosen, dropped, without a face, with several, and what is none.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  boxes,
  choosePhoto,
  emoticon,
  openBooth,
  readsAsNative,
  text,
  untilEmoticon,
  untilState,
} from './support/booth.mjs';
import { readPhoto } from './support/native.mjs';
import { data } from './support/paths.mjs';
import { scratch } from './support/videos.mjs';

const folder = scratch();

test('a photo is read as the native program reads it', async (t) => {
  const { page } = await openBooth(t);
  const native = await readsAsNative(page, data('astronaut.jpg'));
  const [box] = await boxes(page);
  native.box.forEach((value, i) => assert.ok(Math.abs(512 * box[i] - value) < 4, `${box} and ${native.box}`));
});

test('a picture of a face alone is read as one', async (t) => {
  const { page } = await openBooth(t);
  await choosePhoto(page, data('face.png'));
  await untilEmoticon(page);
  assert.equal(await emoticon(page), readPhoto(data('face.png')).faces[0].emoticons[0]);
  assert.deepEqual(await boxes(page), []);
});

test('a photo may be dropped on the page, and pasted', async (t) => {
  const { page } = await openBooth(t);
  const photo = readFileSync(data('astronaut.jpg')).toString('base64');
  const hand = (kind) =>
    page.evaluate(
      async (encoded, type) => {
        const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
        const all = new DataTransfer();
        all.items.add(new File([bytes], 'photo.jpg', { type: 'image/jpeg' }));
        if (type === 'paste') {
          document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: all, bubbles: true }));
          return;
        }
        document.dispatchEvent(
          new DragEvent('dragover', { dataTransfer: all, bubbles: true, cancelable: true }),
        );
        window.invited = document.body.classList.contains('dragging');
        document.dispatchEvent(new DragEvent('drop', { dataTransfer: all, bubbles: true, cancelable: true }));
      },
      photo,
      kind,
    );
  for (const kind of ['drop', 'paste']) {
    await page.reload();
    await hand(kind);
    await untilState(page, 'photo');
    await untilEmoticon(page);
    assert.equal(await page.evaluate(() => window.invited), kind === 'drop' ? true : undefined);
    assert.ok(!(await page.evaluate(() => document.body.classList.contains('dragging'))));
  }
});

test('what is no picture is refused by name, and another one can be chosen', async (t) => {
  const { page } = await openBooth(t);
  const bad = join(folder, 'bad.jpg');
  writeFileSync(bad, 'no picture');
  await (await page.$('#picked')).uploadFile(bad);
  await untilState(page, 'trouble');
  assert.equal(await text(page, '#trouble-title'), 'This picture cannot be opened');
  await choosePhoto(page, data('astronaut.jpg'));
  await untilEmoticon(page);
});

test('in a photo of several people one is chosen by its box', async (t) => {
  const { page } = await openBooth(t);
  // The astronaut twice, one of them larger.
  const photo = await page.evaluate(
    async (encoded) => {
      const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes]));
      const canvas = new OffscreenCanvas(1024, 600);
      const context = canvas.getContext('2d');
      context.drawImage(bitmap, 0, 0, 600, 600);
      context.drawImage(bitmap, 620, 0, 400, 400);
      const reader = new FileReader();
      reader.readAsDataURL(await canvas.convertToBlob({ type: 'image/png' }));
      await new Promise((done) => {
        reader.onload = done;
      });
      return reader.result.split(',')[1];
    },
    readFileSync(data('astronaut.jpg')).toString('base64'),
  );
  const path = join(folder, 'two.png');
  writeFileSync(path, Buffer.from(photo, 'base64'));
  await choosePhoto(page, path);
  await page.waitForSelector('button.box:nth-child(2)');
  assert.equal(await text(page, '#hint'), 'Several faces: tap the one to read.');
  const pressed = () => page.$$eval('.box', (all) => all.map((box) => box.getAttribute('aria-pressed')));
  assert.deepEqual(await pressed(), ['true', 'false']);
  await page.focus('.box:nth-child(2)');
  await page.keyboard.press('Enter');
  assert.deepEqual(await pressed(), ['false', 'true']);
  assert.match(await page.$eval('.box:nth-child(2)', (box) => box.ariaLabel), /^Face 2: /);
});

test('a photo without a face is said to have none', async (t) => {
  const { page } = await openBooth(t);
  const path = join(folder, 'nobody.png');
  const wide = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(640, 320);
    canvas.getContext('2d').fillRect(0, 0, 320, 320);
    const buffer = await (await canvas.convertToBlob()).arrayBuffer();
    return [...new Uint8Array(buffer)];
  });
  writeFileSync(path, Uint8Array.from(wide));
  await choosePhoto(page, path);
  await page.waitForFunction(
    () => document.querySelector('#name').textContent === 'No face found in this photo',
  );
  assert.ok(await page.$eval('#hero', (hero) => hero.disabled));
});
