// Firefox ESR loads the page, reads a photo, and looks at a camera.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { existsSync } from 'node:fs';
import { serve } from '../../apps/booth/serve.mjs';
import { launchFirefox } from './support/browsers.mjs';
import { choosePhoto, emoticon, kSlow, text, untilEmoticon, untilState } from './support/booth.mjs';
import { readPhoto } from './support/native.mjs';
import { booth, data, firefox } from './support/paths.mjs';

test(
  'Firefox reads a photo, and finds nobody before its fake camera',
  { skip: existsSync(firefox) ? false : `no ${firefox}` },
  async (t) => {
    const server = await serve(booth, 0);
    const browser = await launchFirefox();
    t.after(async () => {
      await browser.close();
      server.closeAllConnections();
      server.close();
    });
    const page = await browser.newPage();
    page.setDefaultTimeout(2 * kSlow);
    await page.goto(`http://localhost:${server.address().port}/`);
    await choosePhoto(page, data('astronaut.jpg'));
    await untilEmoticon(page);
    const native = readPhoto(data('astronaut.jpg')).faces[0];
    assert.equal(await emoticon(page), native.emoticons[0]);
    const percent = parseInt(await text(page, '#chance'), 10);
    assert.ok(Math.abs(percent - 100 * native.probability) <= 2, `${percent} % and ${native.probability}`);

    await page.click('#back');
    await untilState(page, 'live');
    await page.waitForFunction(() => document.querySelector('#name').textContent === 'No face in sight');
  },
);
