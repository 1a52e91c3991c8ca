// The server of ./run booth.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { serve } from '../../apps/booth/serve.mjs';
import { booth, root } from './support/paths.mjs';

const script = join(root, 'apps/booth/serve.mjs');

// As it is typed: fetch() tidies paths.
const get = (port, path, options = {}) =>
  new Promise((done, failed) => {
    request({ port, path, host: '127.0.0.1', ...options }, (response) => {
      response.resume();
      response.on('end', () => done(response));
    })
      .on('error', failed)
      .end();
  });

test('pages come with a strict policy, and nothing from outside the folder', async (t) => {
  const server = await serve(booth, 0);
  t.after(() => server.close());
  const { port } = server.address();
  const page = await get(port, '/?from=homescreen');
  assert.equal(page.statusCode, 200);
  assert.match(
    page.headers['content-security-policy'],
    /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/,
  );
  assert.doesNotMatch(page.headers['content-security-policy'], /unsafe-inline|'unsafe-eval'|\*|https?:/);
  assert.match(page.headers['content-security-policy'], /frame-ancestors 'none'/);
  assert.equal((await get(port, '/mien-web/mien.wasm')).headers['content-type'], 'application/wasm');
  assert.equal((await get(port, '/', { headers: { 'If-None-Match': page.headers.etag } })).statusCode, 304);
  assert.equal((await get(port, '/', { method: 'POST' })).statusCode, 405);
  for (const path of [
    '/nothing',
    '/icons',
    '/../CMakeCache.txt',
    '/%2e%2e/CMakeCache.txt',
    '/..%2fCMakeCache.txt',
    '/%',
  ]) {
    assert.equal((await get(port, path)).statusCode, 404, path);
  }
});

test('what cannot be served is said', async (t) => {
  const run = (...words) =>
    spawnSync(process.execPath, [script, ...words], { encoding: 'utf8', timeout: 20_000 });
  const server = await serve(booth, 0);
  t.after(() => server.close());
  for (const [words, code, message] of [
    [[], 2, /which folder\?/],
    [[booth, '--port', 'x'], 2, /--port takes 0 to 65535, got `x`/],
    [[booth, '--verbose'], 2, /unknown argument --verbose/],
    [[root], 3, /index\.html/],
    [[booth, '--port', String(server.address().port)], 3, /is taken; --port takes another/],
  ]) {
    const { status, stderr } = run(...words);
    assert.equal(status, code, stderr);
    assert.match(stderr, message);
  }
});
