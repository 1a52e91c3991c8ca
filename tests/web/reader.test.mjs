// The page's side of the worker: frames are dropped rather than queued, and what fails says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alternatives, parseEmoticons } from '../../apps/booth/emoticons.js';
import { Reader } from '../../apps/booth/reader.js';
import { pass } from './support/booth.mjs';

// A worker that answers when the test says so.
class SlowWorker {
  posted = [];
  postMessage(message) {
    this.posted.push(message);
  }
  answer(result) {
    this.onmessage({ data: { type: 'result', result } });
  }
  terminate() {
    this.ended = true;
  }
}

const picture = async () => ({ width: 4, height: 3, close() {} });

async function begin(onTrouble) {
  const worker = new SlowWorker();
  const reader = new Reader(() => worker, onTrouble);
  const loaded = reader.load();
  worker.onmessage({ data: { type: 'ready', version: '1.2.3' } });
  assert.equal(await loaded, '1.2.3');
  return { worker, reader };
}

test('while one frame is looked at, those that come are dropped', async () => {
  const { worker, reader } = await begin();
  const first = reader.readFrame(picture, 1);
  assert.equal(await reader.readFrame(picture, 2), null);
  assert.equal(await reader.readFrame(picture, 3), null);
  worker.answer({ frame: 1 });
  assert.deepEqual(await first, { frame: 1, size: { width: 4, height: 3 } });
  const next = reader.readFrame(picture, 4);
  await pass(1);
  worker.answer({ frame: 2 });
  await next;
  assert.deepEqual(
    worker.posted.map(({ milliseconds }) => milliseconds),
    [1, 4],
  );
  assert.equal(reader.dropped, 2);
});

test('a moment and a photo wait for the frame before them', async () => {
  const { worker, reader } = await begin();
  const frame = reader.readFrame(picture, 1);
  await pass(1);
  const photo = reader.readPhoto(picture);
  await pass(1);
  assert.equal(worker.posted.length, 1);
  worker.answer({ faces: ['frame'] });
  assert.deepEqual((await frame).faces, ['frame']);
  await pass(1);
  worker.answer({ faces: ['photo'] });
  assert.deepEqual((await photo).faces, ['photo']);
  assert.ok(!reader.busy);
});

test('a worker that cannot go on is ended, and loaded anew', async () => {
  const workers = [];
  const reader = new Reader(() => workers[workers.push(new SlowWorker()) - 1]);
  const load = () => {
    const loaded = reader.load();
    workers.at(-1).onmessage({ data: { type: 'ready', version: '1.2.3' } });
    return loaded;
  };
  await load();
  const refused = reader.readPhoto(picture);
  await pass(1);
  workers[0].onmessage({ data: { type: 'result', message: 'too large', lost: false } });
  await assert.rejects(refused, { kind: 'crash', message: 'too large' });
  assert.ok(!workers[0].ended);
  const trapped = reader.readPhoto(picture);
  await pass(1);
  workers[0].onmessage({ data: { type: 'result', message: 'unreachable', lost: true } });
  await assert.rejects(trapped, { kind: 'crash', message: 'unreachable' });
  assert.ok(workers[0].ended);
  await load();
  assert.equal(workers.length, 2);
  const read = reader.readPhoto(picture);
  await pass(1);
  workers[1].answer({ faces: [] });
  assert.deepEqual((await read).faces, []);
});

test('a picture that never comes holds up nothing', async () => {
  const { worker, reader } = await begin();
  const never = () => new Promise(() => {});
  const lost = reader.readFrame(never, 1);
  assert.ok(reader.busy);
  const photo = reader.readPhoto(picture);
  assert.equal(await lost, null);
  await pass(1);
  worker.answer({ faces: [] });
  await photo;
  const lostAgain = reader.readFrame(never, 2);
  reader.forget(); // as when the camera is opened again
  assert.equal(await lostAgain, null);
  assert.ok(!reader.busy);
});

test('an error of the library reaches who asked, and the next picture is read', async () => {
  const { worker, reader } = await begin();
  const failed = reader.readFrame(picture, 1);
  await pass(1);
  worker.onmessage({ data: { type: 'result', message: '[image] too large' } });
  await assert.rejects(failed, { kind: 'crash', message: '[image] too large' });
  const next = reader.readFrame(picture, 2);
  await pass(1);
  worker.answer({ frame: 1 });
  assert.equal((await next).frame, 1);
});

test('a worker that dies is started anew by the next load', async () => {
  const { worker, reader } = await begin();
  const asked = reader.readFrame(picture, 1);
  worker.onerror({ message: 'out of memory' });
  await assert.rejects(asked, { kind: 'crash', message: 'out of memory' });
  assert.ok(worker.ended);
  assert.equal(await reader.readFrame(picture, 2), null);
  const loaded = reader.load();
  worker.onmessage({ data: { type: 'failed', message: 'mien.wasm: 404' } });
  await assert.rejects(loaded, { kind: 'model', message: 'mien.wasm: 404' });
});

test('a worker that dies between two frames says so, too', async () => {
  const troubles = [];
  const { worker } = await begin((trouble) => troubles.push(trouble.message));
  worker.onerror({ message: 'out of memory' });
  assert.deepEqual(troubles, ['out of memory']);
});

test('emoticons are those of the table, bars in them included', () => {
  const table = parseEmoticons('# a table\n\nneutral | emoji | 😐 😑\nneutral | ascii | :-| :|\n');
  assert.deepEqual(table.get('neutral'), { emoji: ['😐', '😑'], ascii: [':-|', ':|'], kaomoji: [] });
  assert.deepEqual(alternatives(table, 'neutral', '😐'), ['😑', ':-|', ':|']);
  assert.deepEqual(alternatives(table, 'unknown', ''), []);
  assert.throws(() => parseEmoticons('neutral'), /not a line of the table: neutral/);
});
