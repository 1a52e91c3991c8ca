// Firefox ESR loads the page, reads a photo, and looks at a camera.
import { test } from 'node:test';
import { existsSync } from 'node:fs';
import { serve } from '../../apps/booth/serve.mjs';
import { launchFirefox } from './support/browsers.mjs';
import { kSlow, readsAsNative, untilState } from './support/booth.mjs';
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
    await readsAsNative(page, data('astronaut.jpg'));

    await page.click('#back');
    await untilState(page, 'live');
    await page.waitForFunction(() => document.querySelector('#name').textContent === 'No face in sight');
  },
);
