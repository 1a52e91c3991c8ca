// Three languages: chosen by the browser's, switchable, remembered, and complete.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseLanguage, texts } from '../../apps/booth/texts.js';
import { choosePhoto, openBooth, text, untilEmoticon } from './support/booth.mjs';
import { readPhoto } from './support/native.mjs';
import { data } from './support/paths.mjs';

const nothing = () => ({ getItem: () => null });
const refused = () => {
  throw new Error('cookies are blocked');
};

test('the language is the remembered one, else the first that is known, else English', () => {
  assert.equal(chooseLanguage(nothing, ['fr-FR', 'ko-KR', 'en']), 'ko');
  assert.equal(chooseLanguage(nothing, ['zh-Hant-TW']), 'zh');
  assert.equal(chooseLanguage(nothing, ['fr']), 'en');
  assert.equal(
    chooseLanguage(() => ({ getItem: () => 'zh' }), ['ko']),
    'zh',
  );
  assert.equal(
    chooseLanguage(() => ({ getItem: () => 'toString' }), ['ko']),
    'ko',
  );
  assert.equal(chooseLanguage(refused, ['ko']), 'ko');
});

// Every text's place and what kind of thing it is.
function shape(value, path = '') {
  if (typeof value !== 'object') return [`${path}: ${typeof value}`];
  return Object.keys(value)
    .sort()
    .flatMap((key) => shape(value[key], `${path}/${key}`));
}

test('no language lacks a text', () => {
  for (const language of Object.keys(texts))
    assert.deepEqual(shape(texts[language]), shape(texts.en), language);
});

test('expressions have the names the native program gives them', () => {
  for (const language of ['ko', 'zh']) {
    const face = readPhoto(data('astronaut.jpg'), '--lang', language).faces[0];
    assert.equal(texts[language].names[face.expression], face.name);
    assert.deepEqual(Object.keys(texts[language].names), Object.keys(face.probabilities));
  }
});

test('a language is switched in the middle, and remembered', async (t) => {
  const { page } = await openBooth(t, {
    language: null,
    args: ['--accept-lang=ko-KR'],
  });
  assert.equal(await text(page, '#headline'), texts.ko.headline);
  await choosePhoto(page, data('astronaut.jpg'));
  await untilEmoticon(page);
  assert.equal(await text(page, '#name'), '행복');
  await page.select('#language', 'zh');
  assert.equal(await text(page, '#name'), '高兴');
  assert.equal(await page.$eval('#bars li:first-child .label', (label) => label.textContent), '愤怒');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh');
  await page.reload();
  assert.equal(await text(page, '#headline'), texts.zh.headline);
});
