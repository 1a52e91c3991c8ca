// Faces read in a browser: mien-web beside @vladmandic/face-api with its wasm backend, in turns in one page.
//
//   mkdir -p build/face-api && (cd build/face-api &&
//       npm i --legacy-peer-deps @vladmandic/face-api@1.7.15 @tensorflow/tfjs-backend-wasm@4.22.0)
//   ./check web                                    # builds mien-web, and brings what drives Chromium
//   node tests/bench/web/compare.mjs --peer build/face-api [--package build/wasm/mien-web] [--pairs 9]
//
// "face" is one face that is cut out already (48 x 48 pixels of data/face.png for us; the peer's network scales what it
// gets to 112 x 112), "frame" finding and reading the face in 640 x 480 pixels, made of data/astronaut.jpg, with the
// peer's tiny detector as it comes; "live" is the same with the page's minFace. Both begin with the same canvas. Prints
// a line of JSON for each: the median of the pairs' ratios, and the median milliseconds of both. A machine that does
// anything else measures that as well.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launchChromium } from '../../web/support/browsers.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const { values } = parseArgs({
  options: {
    peer: { type: 'string' },
    package: { type: 'string', default: join(root, 'build/wasm/mien-web') },
    pairs: { type: 'string', default: '9' },
  },
});
const pairs = Number(values.pairs);
if (!values.peer || !Number.isInteger(pairs) || pairs < 1) {
  process.stderr.write('compare.mjs: --peer FOLDER, and --pairs is a number from 1 on\n');
  process.exit(2);
}

const folders = {
  '/mien/': resolve(values.package),
  '/peer/': join(resolve(values.peer), 'node_modules/@vladmandic/face-api'),
  '/tfjs/': join(resolve(values.peer), 'node_modules/@tensorflow/tfjs-backend-wasm/dist'),
  '/data/': join(root, 'data'),
};
const types = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };
const page = '<!doctype html><meta charset="utf-8"><script src="/peer/dist/face-api.js"></script>';

function answer(request, response) {
  const path = new URL(request.url, 'http://localhost').pathname;
  if (path === '/') return response.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
  const [prefix, folder] = Object.entries(folders).find(([name]) => path.startsWith(name)) ?? [];
  const file = prefix && join(folder, path.slice(prefix.length));
  if (!file || !existsSync(file)) return response.writeHead(404).end();
  const type = types[extname(file)] ?? 'application/octet-stream';
  return response.writeHead(200, { 'Content-Type': type }).end(readFileSync(file));
}

// In the page: loads both, and leaves window.tasks, for each a function of ours and of the peer's.
async function prepare() {
  const { load } = await import('/mien/mien-web.js');
  const mien = await load();
  const { faceapi } = window;
  faceapi.tf.setWasmPaths('/tfjs/');
  await faceapi.tf.setBackend('wasm');
  await faceapi.tf.ready();
  await faceapi.nets.tinyFaceDetector.loadFromUri('/peer/model');
  await faceapi.nets.faceExpressionNet.loadFromUri('/peer/model');

  const draw = async (url, width, height) => {
    const bitmap = await createImageBitmap(await (await fetch(url)).blob());
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const edge = Math.min(width, height);
    context.drawImage(bitmap, (width - edge) / 2, (height - edge) / 2, edge, edge);
    return canvas;
  };
  const face = await draw('/data/face.png', 48, 48);
  const frame = await draw('/data/astronaut.jpg', 640, 480);
  const options = new faceapi.TinyFaceDetectorOptions();
  const find = () => faceapi.detectAllFaces(frame, options).withFaceExpressions();
  window.tasks = {
    face: [() => mien.read(face), () => faceapi.nets.faceExpressionNet.predictExpressions(face)],
    frame: [() => mien.read(frame), find],
    live: [() => mien.read(frame, { minFace: 40 }), find],
  };
  const found = await find();
  return {
    backend: faceapi.tf.getBackend(),
    simd: await faceapi.tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'),
    faces: [window.tasks.frame[0]().faces.length, window.tasks.live[0]().faces.length, found.length],
  };
}

// In the page: milliseconds of one run, the mean of a burst of about a tenth of a second.
async function burst(task, whose) {
  const run = window.tasks[task][whose];
  const begin = performance.now();
  let runs = 0;
  do {
    await run();
    ++runs;
  } while (performance.now() - begin < 100);
  return (performance.now() - begin) / runs;
}

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

const server = createServer(answer).listen(0, '127.0.0.1');
const browser = await launchChromium();
try {
  const tab = await browser.newPage();
  await tab.goto(`http://localhost:${server.address().port}/`);
  const setup = await tab.evaluate(prepare);
  for (const task of ['face', 'frame', 'live']) {
    for (let i = 0; i < 3; ++i) for (const whose of [0, 1]) await tab.evaluate(burst, task, whose);
    const ours = [],
      theirs = [];
    for (let i = 0; i < pairs; ++i) {
      ours.push(await tab.evaluate(burst, task, 0));
      theirs.push(await tab.evaluate(burst, task, 1));
    }
    const ratios = theirs.map((time, i) => time / ours[i]);
    const rounded = (value) => Math.round(100 * value) / 100;
    process.stdout.write(
      `${JSON.stringify({
        task,
        ratio: rounded(median(ratios)),
        least: rounded(Math.min(...ratios)),
        most: rounded(Math.max(...ratios)),
        ms: rounded(median(ours)),
        peer_ms: rounded(median(theirs)),
        pairs,
        ...setup,
      })}\n`,
    );
  }
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
}
