// What the package answers, against ferpredict's answers kept in golden.json (golden.mjs writes it).
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';

import {csvFaces, dataFolder, load, MienError, packageFolder, picture, readPicture} from './pictures.mjs';

const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url)));
const mien = await load();
const photo = await readPicture(join(dataFolder, 'astronaut.jpg'));
const crop = await readPicture(join(dataFolder, 'face.png'));
const labels = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'];

function failure(message, code) {
  return (error) => {
    assert(error instanceof MienError && error instanceof Error);
    assert.equal(error.name, 'MienError');
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  };
}

/** Another processor rounds otherwise. */
function assertSame(actual, expected) {
  assert.deepEqual(actual.box, expected.box);
  assert.equal(actual.expression, expected.expression);
  assert.deepEqual(actual.emoticons, expected.emoticons);
  for (const label of labels) {
    const difference = Math.abs(actual.probabilities[label] - expected.probabilities[label]);
    assert(difference < 1e-3, `${label}: ${actual.probabilities[label]}, ferpredict ${expected.probabilities[label]}`);
  }
}

test('the version is the package\'s', () => {
  const {version} = JSON.parse(readFileSync(join(packageFolder, 'package.json')));
  assert.equal(mien.version, version);
});

test('a photo has the faces that ferpredict finds', () => {
  const result = mien.read(photo);
  assert.deepEqual(Object.keys(result), ['schema', 'model', 'detector', 'faces', 'ms']);
  assert.equal(result.schema, 1);
  assert.deepEqual(result.model, golden.model);
  assert.equal(result.detector, 'network');
  assert.equal(result.faces.length, golden.photo.length);
  result.faces.forEach((face, i) => {
    assertSame(face, golden.photo[i]);
    assert.deepEqual(Object.keys(face), Object.keys(golden.photo[i]));
    face.points.forEach((point, p) => point.forEach((value, axis) => {
      assert(Math.abs(value - golden.photo[i].points[p][axis]) < 0.2);
    }));
  });
});

test('the crop of a face is read as it is', () => {
  const result = mien.read(crop);
  assert.equal(result.detector, 'none');
  assert.equal(result.faces[0].score, null);
  assertSame(result.faces[0], golden.crop);
});

test('drawn faces are read as by ferpredict, with every kind of views', () => {
  const faces = csvFaces(join(dataFolder, 'faces.csv.gz'), golden.faces.none.length);
  for (const [tta, expected] of Object.entries(golden.faces)) {
    faces.forEach((face, i) => assertSame(mien.read(face, {tta}).faces[0], expected[i]));
  }
});

test('a small picture without a face is taken as the crop of one', () => {
  const result = mien.read(picture(new Uint8Array(100 * 100).fill(90), 100, 100));
  assert.equal(result.detector, 'none');
  assert.equal(result.fallback, 'no_face_found');
});

test('expressions have names in other languages', () => {
  assert.equal(mien.read(photo, {lang: 'ko'}).faces[0].name, '행복');
  assert.equal(mien.read(photo, {lang: 'zh'}).faces[0].name, '高兴');
  assert.equal(mien.read(photo).faces[0].name, undefined);
});

test('minScore is the least probability of a face', () => {
  assert.deepEqual(mien.read(photo, {minScore: 1}).faces, []);
});

test('minFace is the smallest face looked for', () => {
  const [face] = mien.read(photo).faces;
  assert.equal(mien.read(photo, {minFace: face.box[2] / 2}).faces.length, 1);
  assert.deepEqual(mien.read(photo, {minFace: 2 * face.box[2]}).faces, []);
});

test('what can be seen through lies on white', () => {
  const clear = {data: new Uint8ClampedArray(4 * 48 * 48), width: 48, height: 48};
  const white = picture(new Uint8Array(48 * 48).fill(255), 48, 48);
  assert.deepEqual(mien.read(clear).faces, mien.read(white).faces);
});

test('options and pictures that cannot be read are told by name', () => {
  assert.throws(() => mien.read(photo, {tta: 'some'}), failure(/^unknown views "some", expected none/, 2));
  assert.throws(() => mien.read(photo, {lang: 'fr'}), failure(/^\[language\] expected en, ko or zh, got `fr`$/, 2));
  assert.throws(() => mien.read(photo, {minScore: 2}), failure(/^minScore: 2 is not in 0 \.\. 1$/, 2));
  assert.throws(() => mien.read(photo, {minScore: '1'}), failure(/minScore: expected a number, found a string/, 2));
  assert.throws(() => mien.read(photo, {minFace: 0}), failure(/^minFace: 0 is not in 1 \.\. 16384$/, 2));
  assert.throws(() => mien.read(photo, {size: 2}), failure(/^unknown option size, expected tta, lang, minFace/, 2));
  assert.throws(() => mien.follow({smoothing: {hold: 61}}), failure(/^hold: 61 is not in 0 \.\. 60$/, 2));
  assert.throws(() => mien.read(null), failure(/^picture: expected ImageData/, 2));
  assert.throws(() => mien.read({width: 48, height: 48}), failure(/^picture: without a canvas/, 2));
  assert.throws(() => mien.read({...crop, width: 47}), failure(/^picture: 9216 values for 47x48 pixels/, 2));
  const fractions = Float32Array.from(crop.data, (value) => value / 255);
  assert.throws(() => mien.read({...crop, data: fractions}), failure(/^picture: expected values of 8 bits, got a Float32Array/, 2));
  assert.throws(() => mien.read({...crop, width: 0}), failure(/^picture: image of 0x48 pixels$/, 3));
  assert.throws(() => mien.read({...crop, width: 9000}), failure(/at most 8192 along an edge are read$/, 3));
  assertSame(mien.read(crop).faces[0], golden.crop);
});

test('networks that cannot be read are told by name', async () => {
  const bytes = (name) => new Uint8Array(readFileSync(join(packageFolder, name)));
  const load_with = (options) => () => load(options);
  await assert.rejects(load_with({model: bytes('small.safetensors').slice(0, 1000)}),
    failure(/^model: the header of \d+ bytes does not fit the file, it is cut short or damaged$/, 3));
  await assert.rejects(load_with({model: bytes('faces.safetensors')}), failure(/^model: a network that finds faces/, 3));
  await assert.rejects(load_with({detector: bytes('small.safetensors').buffer}),
    failure(/^detector: not a network that finds faces$/, 3));
  await assert.rejects(load_with({points: new URL('none.safetensors', import.meta.url)}), failure(/^points: \[read\] file:/, 3));
  await assert.rejects(load_with({wasm: new Uint8Array(8)}), failure(/^wasm: /, 3));
  await assert.rejects(load_with({wasm: 7}), failure(/^wasm: expected a URL/, 2));
});

test('faces are followed through frames', () => {
  const follower = mien.follow({lang: 'en'});
  const frames = [0, 40, 80].map((time) => follower.read(photo, 1000 + time));
  assert.deepEqual(frames.map(({frame}) => frame), [1, 2, 3]);
  assert.deepEqual(frames.map(({time}) => time), [0, 0.04, 0.08]);
  assert.equal(frames[0].fps, null);
  assert(Math.abs(frames[2].fps - 25) < 1);
  assert.deepEqual(frames.map(({faces}) => faces[0].track), [1, 1, 1]);
  assert.deepEqual(Object.keys(frames[2]), ['frame', 'time', 'detector', 'faces', 'ms', 'fps']);
  assertSame(frames[2].faces[0], golden.photo[0]);
  assert.throws(() => follower.read(photo, 1080), failure(/time/, 2));
  assert.throws(() => follower.read(photo, NaN), failure(/time/, 2));
  follower.dispose();
  follower.dispose();
  assert.throws(() => follower.read(photo), failure(/^this follower has been disposed of$/, 2));
});

test('after dispose nothing is read', async () => {
  const other = await load();
  const follower = other.follow();
  other.dispose();
  other.dispose();
  assert.throws(() => other.read(photo), failure(/^mien has been disposed of$/, 2));
  assert.throws(() => follower.read(photo), failure(/disposed of$/, 2));
});
