// The service worker: everything is there without a network, and a new version comes when it is asked for.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { serve } from '../../apps/booth/serve.mjs';
import { choosePhoto, openBooth, startCamera, text, untilEmoticon } from './support/booth.mjs';
import { booth, data, keptFiles } from './support/paths.mjs';
import { makeAstronautVideo, scratch } from './support/videos.mjs';

const folder = scratch();
const kept = (page) => page.waitForFunction(() => navigator.serviceWorker.controller);
const caches = (page) => page.evaluate(() => window.caches.keys());

// In the page: looks for a new version; what becomes of it.
const installation = async () => {
  const registration = await navigator.serviceWorker.ready;
  const found = new Promise((done) => {
    registration.addEventListener('updatefound', () => {
      const { installing } = registration;
      installing.addEventListener('statechange', () => done(installing.state));
    });
  });
  registration.update().catch(() => {}); // says so where it fails
  return found;
};

test('after the first visit the page works without a network', async (t) => {
  const { page, server, url } = await openBooth(t, { video: makeAstronautVideo(folder).file });
  await kept(page);
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await assert.rejects(fetch(url));
  await page.goto(`${url}?from=homescreen`);
  await startCamera(page);
  await untilEmoticon(page);
  await choosePhoto(page, data('astronaut.jpg'));
  await untilEmoticon(page);
  assert.match(await text(page, '#version'), /^mien \d+\.\d+\.\d+$/);
});

test('a new version waits, is taken when asked for, and leaves nothing of the old one', async (t) => {
  const copy = join(folder, 'copy');
  cpSync(booth, copy, { recursive: true });
  const { page } = await openBooth(t, { folder: copy });
  await kept(page);
  const before = await caches(page);
  assert.equal(before.length, 1);

  const rewrite = (name, change) => {
    const path = join(copy, name);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  };
  rewrite('texts.js', (all) => all.replace('Your face, as an emoticon', 'Another headline'));
  rewrite('sw.js', (all) => all.replace(/(kCache = `\$\{kPrefix\})[^`]+/, '$1newer'));
  // Half uploaded: texts.js is not the one of that version.
  assert.equal(await page.evaluate(installation), 'redundant');
  assert.deepEqual(await caches(page), before);

  const hash = createHash('sha256').update(readFileSync(join(copy, 'texts.js'))).digest('hex');
  rewrite('sw.js', (all) => all.replace(/('texts.js': ')[0-9a-f]{64}/, `$1${hash}`));
  await page.reload();
  assert.equal(await text(page, '#headline'), 'Your face, as an emoticon');
  await page.waitForSelector('#update', { visible: true });
  assert.equal((await caches(page)).length, 2);
  await Promise.all([page.waitForNavigation(), page.click('#reload')]);
  assert.equal(await text(page, '#headline'), 'Another headline');
  assert.deepEqual(await caches(page), ['mien-booth-newer']);
  assert.ok(!(await (await page.$('#update')).isVisible()));
});

test('the manifest is one by which browsers install the page', async (t) => {
  const { page } = await openBooth(t);
  await kept(page);
  const session = await page.createCDPSession();
  const { errors } = await session.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  // Windows as those of tests are never offered an installation.
  assert.deepEqual(
    installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'),
    [],
  );
});

test('the service worker names files that are there, and the version of the build', async () => {
  const code = readFileSync(join(booth, 'sw.js'), 'utf8');
  const files = Object.keys(keptFiles(code));
  const server = await serve(booth, 0);
  try {
    for (const file of files) {
      const { status } = await fetch(`http://localhost:${server.address().port}/${file}`);
      assert.equal(status, 200, file);
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
  assert.match(code, /kCache = `\$\{kPrefix\}\d+\.\d+\.\d+-[0-9a-f]{12}`/);
});
