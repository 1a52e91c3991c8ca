// The page before a camera: it shows what the native program shows, and comes through what happens to cameras.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowCamera } from './support/browsers.mjs';
import {
  boxes,
  emoticon,
  kPhone,
  openBooth,
  pass,
  startCamera,
  state,
  text,
  untilEmoticon,
  untilState,
} from './support/booth.mjs';
import { readFrames } from './support/native.mjs';
import { makeAstronautVideo, makeVideo, scratch } from './support/videos.mjs';

const folder = scratch();
const astronaut = makeAstronautVideo(folder);

// Values one behind another, without repetitions.
const changes = (values) => values.filter((value, i) => i === 0 || value !== values[i - 1]);

test('the emoticons are those of the native program for the same frames', async (t) => {
  // Of the drawn faces one that looks angry, one afraid, nobody, and one surprised.
  const video = makeVideo(folder, 'drawn', [0, 702, null, 348], 3);
  const native = readFrames(video.native);
  const wanted = changes(native.map(({ faces }) => faces[0]?.emoticons[0] ?? ''));
  assert.deepEqual(wanted, ['😠', '😨', '', '😮']);

  const { page } = await openBooth(t, { video: video.file });
  await startCamera(page);
  await page.evaluate(() => {
    const shown = (window.shown = []);
    const element = document.querySelector('#emoticon');
    new MutationObserver(() => shown.push(element.textContent)).observe(element, { childList: true });
  });
  // The camera repeats the file without end: wherever one begins to look, all of it comes.
  await page.waitForFunction((count) => window.shown.length >= count, {}, 2 * wanted.length);
  const shown = changes(await page.evaluate(() => window.shown));
  const at = shown.indexOf(wanted[0]);
  assert.deepEqual(shown.slice(at, at + wanted.length), wanted, `shown: ${shown}`);
});

test('a face that stays is where the native program finds it, and as probable', async (t) => {
  const { page } = await openBooth(t, { video: astronaut.file });
  const native = readFrames(astronaut.native).at(-1).faces[0];
  await startCamera(page);
  await untilEmoticon(page);
  assert.equal(await emoticon(page), native.emoticons[0]);
  const percent = parseInt(await text(page, '#chance'), 10);
  assert.ok(Math.abs(percent - 100 * native.probability) < 3, `${percent} % and ${native.probability}`);
  const [box] = await boxes(page);
  native.box.forEach((value, i) => assert.ok(Math.abs(512 * box[i] - value) < 6, `${box} and ${native.box}`));
  assert.ok(await page.$eval('#frame', (frame) => frame.classList.contains('mirrored')));
});

test('tapping an emoticon copies it', async (t) => {
  const { page } = await openBooth(t, { video: astronaut.file });
  await startCamera(page);
  await untilEmoticon(page);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.click('#hero');
  await page.waitForFunction(() => document.querySelector('#toast').textContent === 'Copied 😀');
  assert.equal(await clipboard(), '😀');
  const forms = await page.$$eval('#forms button', (all) => all.map((button) => button.textContent));
  assert.deepEqual(forms.slice(0, 5), ['😊', '😄', ':-D', ':-)', ':)']);
  await page.click('#forms li:nth-child(3) button');
  await page.waitForFunction(() => document.querySelector('#toast').textContent === 'Copied :-D');
  assert.equal(await clipboard(), ':-D');
  // As in browsers inside of apps, which refuse.
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('refused'));
  });
  await page.click('#forms li:nth-child(4) button');
  await page.waitForFunction(() => document.querySelector('#toast').textContent === 'Copied :-)');
  assert.equal(await clipboard(), ':-)');
});

test('a shared emoticon goes to the sheet of the system', async (t) => {
  const { page } = await openBooth(t, {
    video: astronaut.file,
    prepare: (p) =>
      p.evaluateOnNewDocument(() => {
        navigator.share = async (what) => {
          window.handedOn = what;
        };
      }),
  });
  await startCamera(page);
  await untilEmoticon(page);
  await page.click('#share');
  assert.deepEqual(await page.evaluate(() => window.handedOn), { text: '😀' });
});

test('a frozen moment stays until one goes on', async (t) => {
  const video = makeVideo(folder, 'short', [0, 348], 2);
  const { page } = await openBooth(t, { video: video.file });
  await startCamera(page);
  await untilEmoticon(page);
  await page.keyboard.press('Space'); // the button has the focus
  await page.waitForFunction(() => document.querySelector('#frame').dataset.source === 'still');
  const kept = await emoticon(page);
  assert.notEqual(kept, '');
  assert.equal((await boxes(page)).length, 1);
  await pass(3000);
  assert.equal(await emoticon(page), kept);
  assert.equal(await state(page), 'frozen');
  await page.keyboard.press('Space');
  await untilState(page, 'live');
  await page.waitForFunction(
    (old) => !['', old].includes(document.querySelector('#emoticon').textContent),
    {},
    kept,
  );
});

test('without permission photos are offered, and the camera once it is given', async (t) => {
  const { browser, page, url } = await openBooth(t, { video: astronaut.file, camera: 'denied' });
  await page.click('#start');
  await untilState(page, 'trouble');
  assert.equal(await text(page, '#trouble-title'), 'The camera is not allowed');
  assert.ok(await (await page.$('.trouble .pick')).isVisible());
  assert.equal(await page.evaluate(() => document.activeElement.id), 'trouble');
  await allowCamera(browser, url.slice(0, -1));
  await page.click('#retry');
  await untilState(page, 'live');
  await untilEmoticon(page);
});

test('without a camera, and in browsers that show none, photos are offered', async (t) => {
  const { page } = await openBooth(t, { camera: 'none' });
  await page.click('#start');
  await untilState(page, 'trouble');
  assert.equal(await page.$eval('#trouble', (trouble) => trouble.dataset.kind), 'missing');
  await page.evaluateOnNewDocument(() =>
    Object.defineProperty(navigator, 'mediaDevices', { value: undefined }),
  );
  await page.reload();
  await page.click('#start');
  await untilState(page, 'trouble');
  assert.equal(await text(page, '#trouble-title'), 'This browser shows no camera to pages');
  assert.ok(!(await (await page.$('#retry')).isVisible()));
});

test('a camera that another program uses is said to be busy', async (t) => {
  const { page } = await openBooth(t, {
    prepare: (p) =>
      p.evaluateOnNewDocument(() => {
        navigator.mediaDevices.getUserMedia = () =>
          Promise.reject(new DOMException('in use', 'NotReadableError'));
      }),
  });
  await page.click('#start');
  await untilState(page, 'trouble');
  assert.equal(await text(page, '#trouble-title'), 'The camera is busy');
});

test('a camera taken away in the middle is said to be gone, and can come back', async (t) => {
  const { browser, page, url } = await openBooth(t, { video: astronaut.file });
  await startCamera(page);
  await untilEmoticon(page);
  await allowCamera(browser, url.slice(0, -1), 'denied'); // Chromium then ends the stream
  await untilState(page, 'trouble');
  assert.equal(await text(page, '#trouble-title'), 'The camera is gone');
  assert.equal(await page.$eval('#video', (video) => video.srcObject), null);
  await allowCamera(browser, url.slice(0, -1));
  await page.click('#retry');
  await untilState(page, 'live');
  await untilEmoticon(page);
});

test('nothing is looked at while the page is hidden', async (t) => {
  const { browser, page } = await openBooth(t, {
    video: astronaut.file,
    prepare: (p) =>
      p.evaluateOnNewDocument(() => {
        const post = Worker.prototype.postMessage;
        window.framesAsked = 0;
        Worker.prototype.postMessage = function count(message, ...more) {
          if (message.type === 'frame') ++window.framesAsked;
          return post.call(this, message, ...more);
        };
      }),
  });
  const asked = () => page.evaluate(() => window.framesAsked);
  const enabled = () => page.$eval('#video', (video) => video.srcObject.getVideoTracks()[0].enabled);
  await startCamera(page);
  await untilEmoticon(page);
  const other = await browser.newPage();
  await other.bringToFront();
  await page.waitForFunction(() => document.hidden, { polling: 100 });
  assert.equal(await enabled(), false);
  const before = await asked();
  await pass(1000);
  assert.equal(await asked(), before);
  await page.bringToFront();
  await page.waitForFunction((count) => window.framesAsked > count + 1, {}, before);
  assert.equal(await enabled(), true);
  assert.equal(await state(page), 'live');
});

test('turned, a phone shows the same picture with the box where it was', async (t) => {
  const { page } = await openBooth(t, { video: astronaut.file, phone: true });
  await startCamera(page);
  await untilEmoticon(page);
  const [upright] = await boxes(page);
  for (const [width, height] of [
    [844, 390],
    [390, 844],
  ]) {
    await page.setViewport({ ...kPhone, width, height });
    await page.waitForFunction(
      (wide) => {
        const [frame, stage] = ['#frame', '#stage'].map((id) =>
          document.querySelector(id).getBoundingClientRect(),
        );
        const video = document.querySelector('#video');
        return (
          document.documentElement.clientWidth === wide &&
          frame.width >= stage.width - 1 &&
          frame.height >= stage.height - 1 &&
          Math.abs(frame.width / frame.height - video.videoWidth / video.videoHeight) < 0.01
        );
      },
      {},
      width,
    );
    const [turned] = await boxes(page);
    upright.forEach((value, i) => assert.ok(Math.abs(value - turned[i]) < 0.02, `${upright} and ${turned}`));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
  }
});

test('the camera on the back is not mirrored', async (t) => {
  const { page } = await openBooth(t, {
    args: ['--use-fake-device-for-media-stream=device-count=2'],
  });
  await startCamera(page);
  await page.waitForSelector('#flip', { visible: true });
  await page.click('#flip');
  await page.waitForFunction(
    () =>
      document.body.dataset.state === 'live' &&
      !document.querySelector('#frame').classList.contains('mirrored'),
  );
});
