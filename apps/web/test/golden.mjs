// Writes golden.json, what ferpredict says of the repository's own pictures:
//   node apps/web/test/golden.mjs build/check/apps/ferpredict
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {ferpredict, inFolder} from './ferpredict.mjs';
import {csvFaces, dataFolder} from './pictures.mjs';

const program = process.argv[2];
const faces = csvFaces(join(dataFolder, 'faces.csv.gz'), 12);
const photo = ferpredict(program, [join(dataFolder, 'astronaut.jpg')]);
const crop = ferpredict(program, [join(dataFolder, 'face.png')]);
const golden = {model: photo.model, photo: photo.images[0].faces, crop: crop.images[0].faces[0], faces: {}};
for (const tta of ['none', 'mirror', 'scales', 'full']) {
  golden.faces[tta] = inFolder(faces, (folder) => ferpredict(program, [folder, '--tta', tta])).map(({faces}) => faces[0]);
}
writeFileSync(new URL('golden.json', import.meta.url), JSON.stringify(golden, null, 1) + '\n');
