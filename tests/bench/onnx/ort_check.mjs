// Compares exported networks with ONNX Runtime or OpenCV, and measures how fast the former is. See README.md here.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { drawnImages, faces, generator, prepare } from './images.mjs';
import { loadOrt, openModel, parseOptions } from './ort.mjs';
import { describe, variants, writeVariant } from './variants.mjs';

const kLeastSpread = 0.05;
const kLeastImportSpread = 0.001;  // of noise, which networks take for more of a kind
const here = path.dirname(fileURLToPath(import.meta.url));
const project = path.resolve(here, '../../..');
const kFaces = path.join(project, 'data/faces.csv.gz');

// ---- both sides -------------------------------------------------------------------------------------

function ours(ferpredict, model, images, { height, width }, folder) {
  const files = images.map((pixels, i) => {
    const file = path.join(folder, `${i}.pgm`);
    fs.writeFileSync(file, Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), pixels]));
    return file;
  });
  const output = execFileSync(ferpredict, ['--model', model, '--json', ...files], { maxBuffer: 2 ** 28 });
  return JSON.parse(output).images.map((image) => Object.values(image.faces[0].probabilities));
}

/// A runtime to compare with. Its `run` gives the probabilities of all images, once for each way of putting them
/// into batches.
function onnxRuntime(folder) {
  const ort = loadOrt(folder);
  const run = async (file, images, { channels, height, width }) => {
    const session = await openModel(ort, file, 1);
    const pixels = Float32Array.from(images.flatMap((image) => [...image]));
    const input = new ort.Tensor('float32', pixels, [images.length, channels, height, width]);
    const { probabilities } = await session.run({ [session.inputNames[0]]: input });
    const [, classes] = probabilities.dims;
    await session.release();
    return [images.map((_, n) => [...probabilities.data.slice(n * classes, (n + 1) * classes)])];
  };
  return { tolerance: 1e-5, run };
}

function openCv(python) {
  const run = (file, images, { channels, height, width }) => {
    const values = `${file}.f32`;
    fs.writeFileSync(values, Buffer.concat(images.map((image) => Buffer.from(Float32Array.from(image).buffer))));
    const words = [path.join(here, 'opencv_run.py'), file, values, channels, height, width];
    return JSON.parse(execFileSync(python, words, { maxBuffer: 2 ** 28 })).answers;
  };
  return { tolerance: 2e-5, run };  // its pools sum one value after the other, in float
}

const runtimeOf = (options) => (options.opencv ? openCv(options.opencv) : onnxRuntime(options.ort ?? '.'));

const range = (values) => Math.max(...values) - Math.min(...values);

/// The largest difference between probabilities; NaN if any is.
const difference = (a, b) => Math.max(...a.flatMap((row, n) => row.map((p, c) => Math.abs(p - b[n][c]))));

/// The largest difference of any probability, for the export that prepares its images and for the plain one.
/// `spread`: how far the probability of one class goes apart between images; a network that says the same of
/// every image would agree too easily.
async function compare(runtime, ferpredict, model) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mien-onnx-'));
  try {
    const about = describe(model);
    const { height, width } = about;
    const images = [...drawnImages(height, width), ...faces(kFaces, 40, height, width)];
    const a = ours(ferpredict, model, images, about, folder);
    const worst = async (name, inputs, ...words) => {
      const file = path.join(folder, name);
      execFileSync(ferpredict, ['--model', model, '--export-onnx', file, ...words], { stdio: 'pipe' });
      const answers = await runtime.run(file, inputs, about);
      return Math.max(...answers.map((b) => difference(a, b)));
    };
    const max_difference = await worst('full.onnx', images);
    const prepared = images.map((pixels) => prepare(pixels, about.per_image));
    const plain_max_difference = await worst('plain.onnx', prepared, '--onnx-plain');
    const spread = Math.max(...a[0].map((_, c) => range(a.map((row) => row[c]))));
    const equal = (d) => d <= runtime.tolerance;  // NaN is not
    const ok = equal(max_difference) && equal(plain_max_difference) && spread >= kLeastSpread;
    return { images: images.length, spread: Number(spread.toFixed(3)), max_difference, plain_max_difference, ok };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

// ---- commands ---------------------------------------------------------------------------------------

async function checkVariants(runtime, ferpredict, name, model) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mien-onnx-'));
  let ok = true;
  try {
    for (const variant of variants) {
      const file = path.join(folder, 'variant.safetensors');
      writeVariant(model, file, variant);
      const result = await compare(runtime, ferpredict, file);
      ok = ok && result.ok;
      console.log(JSON.stringify({ network: name, input: variant.name, per_pixel: variant.per_pixel, ...result }));
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  return ok;
}

async function check(options) {
  const runtime = runtimeOf(options);
  const result = await compare(runtime, options.ferpredict, options.model);
  console.log(JSON.stringify({ model: options.model, ...result }));
  const ok = !options.variants || (await checkVariants(runtime, options.ferpredict, options.model, options.model));
  return result.ok && ok;
}

/// Of a file by whoever: the graph itself beside what is exported again after it was imported.
async function checkImport(options) {
  const ort = loadOrt(options.ort ?? '.');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mien-onnx-'));
  try {
    const [model, again] = ['model.safetensors', 'again.onnx'].map((name) => path.join(folder, name));
    const call = (...words) => execFileSync(options.ferpredict, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    call('--import-onnx', options.model, model);
    call('--model', model, '--export-onnx', again);
    const most = Number(options.most ?? 1);
    const random = generator(3);
    let values = null;  // the same for both
    const run = async (file) => {
      const session = await openModel(ort, file, 1);
      const dims = session.inputMetadata[0].shape.map((extent, i) => (i === 0 ? 3 : extent));
      values ??= Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => random() * most);
      const outputs = await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', values, dims) });
      const { data } = outputs[session.outputNames[0]];
      const classes = data.length / dims[0];
      await session.release();
      return Array.from({ length: dims[0] }, (_, n) => [...data.slice(n * classes, (n + 1) * classes)]);
    };
    const probabilities = (row) => {
      if (Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-4 && row.every((p) => p >= 0)) return row;
      const powers = row.map((logit) => Math.exp(logit - Math.max(...row)));
      return powers.map((power) => power / powers.reduce((a, b) => a + b));
    };
    const [a, b] = [(await run(options.model)).map(probabilities), await run(again)];
    const max_difference = difference(a, b);
    const spread = Math.max(...a[0].map((_, c) => range(a.map((row) => row[c]))));
    const ok = max_difference <= 1e-5 && spread >= kLeastImportSpread;
    console.log(JSON.stringify({ import: options.model, spread: Number(spread.toFixed(4)), max_difference, ok }));
    return ok;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/// The networks that come along, and the paper's and those of specs/, trained until they tell images apart.
async function suite(options) {
  const runtime = runtimeOf(options);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mien-onnx-'));
  let ok = true;
  try {
    for (const shipped of ['small', 'large']) {
      const model = path.join(project, 'data/models', `${shipped}.safetensors`);
      ok = (await checkVariants(runtime, options.ferpredict, shipped, model)) && ok;
    }
    const specs = fs.readdirSync(path.join(here, 'specs')).sort();
    for (const [name, model] of [['paper', 'paper'], ...specs.map((f) => [f, path.join(here, 'specs', f)])]) {
      const run = path.join(folder, name);
      execFileSync(
        options.fertrain,
        ['--csv', kFaces, '--model', model, '--out', run, '--quiet', '--steps',
          name === 'paper' ? '3' : '150', '--lr', name === 'paper' ? '1e-4' : '3e-3', '--onnx'],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      );
      const best = path.join(run, 'best.safetensors');
      const result = await compare(runtime, options.ferpredict, best);
      console.log(JSON.stringify({ network: name, input: 'as trained', ...result }));
      ok = (await checkVariants(runtime, options.ferpredict, name, best)) && result.ok && ok;
      fs.rmSync(run, { recursive: true });
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  return ok;
}

/// Milliseconds of `runs` calls of session.run on one batch of noise.
async function measure(session, feeds, runs) {
  const times = [];
  for (let i = 0; i < runs; ++i) {
    const start = process.hrtime.bigint();
    await session.run(feeds);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  times.sort((a, b) => a - b);
  const middle = times.length >> 1;
  const median = times.length % 2 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
  return { median_ms: median, min_ms: times[0], runs };
}

async function bench(options) {
  const ort = loadOrt(options.ort ?? '.');
  const batch = Number(options.batch ?? 1);
  const threads = Number(options.threads ?? 1);
  const session = await openModel(ort, options.model, threads);
  const sample = session.inputMetadata[0].shape.slice(1);
  const random = generator(2);
  const pixels = Float32Array.from({ length: sample.reduce((a, b) => a * b, batch) }, () => Math.floor(random() * 256));
  const feeds = { image: new ort.Tensor('float32', pixels, [batch, ...sample]) };
  await measure(session, feeds, 3);  // the first calls allocate
  const print = async (runs) => {
    console.log(JSON.stringify({ model: options.model, batch, threads, ...(await measure(session, feeds, runs)) }));
  };
  if (!options.serve) {
    await print(Number(options.runs ?? 50));
    return true;
  }
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    const burst = /^burst (\d+)$/.exec(line);
    if (!burst || Number(burst[1]) < 1) throw new Error(`expected \`burst K\`, got \`${line}\``);
    await print(Number(burst[1]));
  }
  return true;
}

const commands = {
  import: [checkImport, { ort: true, ferpredict: true, model: true, most: true }, ['ferpredict', 'model']],
  check: [check, { ort: true, opencv: true, ferpredict: true, model: true, variants: false }, ['ferpredict', 'model']],
  suite: [suite, { ort: true, opencv: true, ferpredict: true, fertrain: true }, ['ferpredict', 'fertrain']],
  bench: [bench, { ort: true, model: true, batch: true, threads: true, runs: true, serve: false }, ['model']],
};

try {
  const [command, ...words] = process.argv.slice(2);
  if (!(command in commands)) throw new Error(`expected one of ${Object.keys(commands).join(', ')}; see README.md`);
  const [run, known, needed] = commands[command];
  const options = parseOptions(words, known);
  for (const name of needed) if (!(name in options)) throw new Error(`${command} needs --${name}`);
  process.exitCode = (await run(options)) ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
