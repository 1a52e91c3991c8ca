// How far the package and ferpredict differ on pictures that need not be the repository's:
//   node apps/web/test/compare.mjs FERPREDICT [--csv fer2013.csv [--usage PublicTest] [--rows 200]] [photo.jpg ...]
// Ends with 1 where a probability differs by 1e-3 or more, or a box at all.
import {parseArgs} from 'node:util';

import {ferpredict, inFolder} from './ferpredict.mjs';
import {csvFaces, load, readPicture} from './pictures.mjs';

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {csv: {type: 'string'}, usage: {type: 'string', default: 'PublicTest'}, rows: {type: 'string', default: '200'}},
});
const [program, ...photos] = positionals;
const mien = await load();
const worst = {probability: 0, score: 0, point: 0, boxes: 0, faces: 0, pictures: 0};

function compare(name, actual, expected) {
  ++worst.pictures;
  const boxes = ({faces}) => JSON.stringify(faces.map(({box}) => box));
  if (boxes(actual) !== boxes(expected)) {
    ++worst.boxes;
    console.log(`${name}: boxes ${boxes(actual)}, ferpredict ${boxes(expected)}`);
    return;
  }
  actual.faces.forEach((face, i) => {
    const other = expected.faces[i];
    ++worst.faces;
    for (const label of Object.keys(face.probabilities)) {
      worst.probability = Math.max(worst.probability, Math.abs(face.probabilities[label] - other.probabilities[label]));
    }
    worst.score = Math.max(worst.score, Math.abs(face.score - other.score));
    (face.points ?? []).flat().forEach((value, p) => {
      worst.point = Math.max(worst.point, Math.abs(value - other.points.flat()[p]));
    });
  });
}

if (values.csv) {
  const faces = csvFaces(values.csv, Number(values.rows), values.usage);
  const expected = inFolder(faces, (folder) => ferpredict(program, [folder]));
  faces.forEach((face, i) => compare(`row ${i}`, mien.read(face), expected[i]));
}
for (const photo of photos) {
  compare(photo, mien.read(await readPicture(photo)), ferpredict(program, [photo]).images[0]);
}
console.log(`${worst.pictures} pictures, ${worst.faces} faces, ${worst.boxes} pictures with other boxes; largest ` +
  `differences: probability ${worst.probability.toExponential(1)}, score ${worst.score.toExponential(1)}, ` +
  `point ${worst.point.toFixed(1)} pixels`);
process.exitCode = worst.boxes > 0 || worst.probability >= 1e-3 ? 1 : 0;
