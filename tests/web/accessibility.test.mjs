// axe-core finds nothing in any state, light or dark; what is announced, and motion.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Announcer } from '../../apps/booth/speech.js';
import { choosePhoto, openBooth, pass, startCamera, untilEmoticon, untilState } from './support/booth.mjs';
import { data } from './support/paths.mjs';
import { makeAstronautVideo, makeVideo, scratch } from './support/videos.mjs';

const folder = scratch();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Evaluated by the debugger, which no policy of the page keeps out.
async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations: found } = await window.axe.run(document, { resultTypes: ['violations'] });
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
  });
}

async function holdsInEachScheme(page, where) {
  for (const scheme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    assert.deepEqual(await violations(page), [], `${where}, ${scheme}`);
  }
}

test('with a face: at the start, live, frozen, a photo', async (t) => {
  const { page } = await openBooth(t, { video: makeAstronautVideo(folder).file });
  await holdsInEachScheme(page, 'start');
  await startCamera(page);
  await untilEmoticon(page);
  await holdsInEachScheme(page, 'live');
  await page.click('#freeze');
  await page.waitForFunction(() => document.querySelector('#frame').dataset.source === 'still');
  await holdsInEachScheme(page, 'frozen');
  await choosePhoto(page, data('astronaut.jpg'));
  await untilEmoticon(page);
  await holdsInEachScheme(page, 'photo');
});

test('on a phone, without a face', async (t) => {
  const { page } = await openBooth(t, {
    video: makeVideo(folder, 'nobody', [null], 1).file,
    phone: true,
    language: 'ko',
  });
  await startCamera(page);
  await page.waitForFunction(() => document.querySelector('#name').textContent === '얼굴이 보이지 않습니다');
  await holdsInEachScheme(page, 'nobody');
});

test('in trouble, and with a new version waiting', async (t) => {
  const { page } = await openBooth(t, { camera: 'denied', language: 'zh' });
  await page.click('#start');
  await untilState(page, 'trouble');
  await page.$eval('#update', (bar) => {
    bar.hidden = false;
  });
  await holdsInEachScheme(page, 'trouble');
});

test('everything can be reached and used by keys', async (t) => {
  const { page } = await openBooth(t, { video: makeAstronautVideo(folder).file });
  const focused = () =>
    page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
  const reached = [];
  for (let i = 0; i < 3; ++i) {
    await page.keyboard.press('Tab');
    reached.push(await focused());
  }
  assert.deepEqual(reached, ['language', 'start', 'Choose a photo']);
  await page.focus('#start');
  await page.keyboard.press('Enter');
  await untilState(page, 'live');
  await untilEmoticon(page);
  assert.equal(await focused(), 'freeze');
  await page.focus('#hero');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#toast').textContent === 'Copied 😀');
});

test('screen readers are told of a face, not of each frame', async (t) => {
  const { page } = await openBooth(t, { video: makeAstronautVideo(folder).file });
  await page.evaluate(() => {
    window.said = [];
    const announcer = document.querySelector('#announcer');
    new MutationObserver(() => window.said.push(announcer.textContent)).observe(announcer, { childList: true });
  });
  await startCamera(page);
  await untilEmoticon(page);
  await pass(4000);
  const said = await page.evaluate(() => window.said);
  assert.equal(said.length, 1, said.join('; '));
  assert.match(said[0], /^Happy, \d+%$/);
});

test('announcements wait their turn, and the last one wins', async () => {
  const element = { textContent: '' };
  const announcer = new Announcer(element, 50);
  announcer.say('one');
  await pass(20);
  assert.equal(element.textContent, 'one');
  announcer.say('two');
  announcer.say('three');
  await pass(10);
  assert.equal(element.textContent, 'one');
  await pass(80);
  assert.equal(element.textContent, 'three');
  announcer.say('three and a half', 'three');
  await pass(80);
  assert.equal(element.textContent, 'three');
});

test('who asked for less motion gets none', async (t) => {
  const { page } = await openBooth(t);
  const moving = () =>
    page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((element) => {
          const { transitionDuration, transitionProperty, animationName } = getComputedStyle(element);
          return (transitionDuration !== '0s' && transitionProperty !== 'none') || animationName !== 'none';
        }).length,
    );
  assert.ok((await moving()) > 0);
  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  assert.equal(await moving(), 0);
});
