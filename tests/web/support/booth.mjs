// The page in Chromium, as a test begins with it.
import assert from 'node:assert/strict';
import { serve } from '../../../apps/booth/serve.mjs';
import { allowCamera, launchChromium } from './browsers.mjs';
import { readPhoto } from './native.mjs';
import { booth } from './paths.mjs';

export { kPhone } from './browsers.mjs';

export const kSlow = 30_000; // milliseconds that a busy machine may take for anything

/// Serves the page and opens it. `camera`: "granted", "denied" or "none"; `language`: the one remembered, or null;
/// `prepare(page)` runs before it is loaded.
/// close() also checks that nothing was refused by the page's policy and nothing asked of another host.
export async function openBooth(
  test,
  { camera = 'granted', folder = booth, prepare, language = 'en', ...options } = {},
) {
  const server = await serve(folder, 0);
  const url = `http://localhost:${server.address().port}/`;
  const browser = await launchChromium({ camera, ...options });
  const complaints = [];
  test.after(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
    assert.deepEqual(complaints, []);
  });
  if (camera !== 'none') await allowCamera(browser, url.slice(0, -1), camera);
  const page = await browser.newPage();
  page.setDefaultTimeout(kSlow);
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused/.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== url.slice(0, -1))
      complaints.push(`asked for ${request.url()}`);
  });
  if (language)
    await page.evaluateOnNewDocument((code) => localStorage.setItem('mien.language', code), language);
  await prepare?.(page);
  await page.goto(url);
  return { browser, page, server, url };
}

export const state = (page) => page.evaluate(() => document.body.dataset.state);
export const emoticon = (page) => page.$eval('#emoticon', (element) => element.textContent);
export const text = (page, selector) => page.$eval(selector, (element) => element.textContent.trim());

export const untilState = (page, wanted) =>
  page.waitForFunction((name) => document.body.dataset.state === name, {}, wanted);
export const untilEmoticon = (page) =>
  page.waitForFunction(() => document.querySelector('#emoticon').textContent !== '');

export async function startCamera(page) {
  await page.click('#start');
  await untilState(page, 'live');
}

export async function choosePhoto(page, ...files) {
  await (await page.$('#picked')).uploadFile(...files);
  await untilState(page, 'photo');
}

/// Chooses a photo and waits for its first face, whose emoticon and probability have to be the native program's;
/// gives what that says of the face.
export async function readsAsNative(page, file) {
  await choosePhoto(page, file);
  await untilEmoticon(page);
  const native = readPhoto(file).faces[0];
  assert.equal(await emoticon(page), native.emoticons[0]);
  const percent = parseInt(await text(page, '#chance'), 10);
  assert.ok(Math.abs(percent - 100 * native.probability) <= 2, `${percent} % and ${native.probability}`);
  return native;
}

/// The boxes as shares of the picture they are drawn over: left, top, width, height.
export const boxes = (page) =>
  page.$$eval('.box', (all) =>
    all.map((box) => {
      const frame = box.parentElement;
      return [
        box.offsetLeft / frame.offsetWidth,
        box.offsetTop / frame.offsetHeight,
        box.offsetWidth / frame.offsetWidth,
        box.offsetHeight / frame.offsetHeight,
      ];
    }),
  );

/// Waits; what a test needs it for is always that something does not happen.
export const pass = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
