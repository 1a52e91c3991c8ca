// One trained network under every preparation of its input: a safetensors file with other metadata.
import fs from 'node:fs';

function read(file) {
  const bytes = fs.readFileSync(file);
  const headerEnd = 8 + Number(bytes.readBigUInt64LE(0));
  return { header: JSON.parse(bytes.toString('utf8', 8, headerEnd)), data: bytes.subarray(headerEnd) };
}

function write(file, header, data) {
  const kept = {};
  const pieces = [];
  let at = 0;
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      kept[name] = entry;
      continue;
    }
    const piece = data.subarray(...entry.data_offsets);
    kept[name] = { ...entry, data_offsets: [at, at + piece.length] };
    pieces.push(piece);
    at += piece.length;
  }
  let text = JSON.stringify(kept);
  text += ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  fs.writeFileSync(file, Buffer.concat([length, Buffer.from(text), ...pieces]));
}

/// Each kind of `per_image`, with and without the values of each pixel. The scales are
/// such that the networks neither say the same of all images nor are sure of everything.
export const variants = [
  { name: 'none', per_image: 'none', scale: 1 / 16 },
  { name: 'center', per_image: 'center', scale: 1 / 8 },
  { name: 'norm100', per_image: 'norm100', scale: 2 },
].flatMap((v) => [{ ...v, per_pixel: true }, { ...v, per_pixel: false }]);

export function writeVariant(from, to, variant) {
  const { header, data } = read(from);
  header.__metadata__['mien.input'] = JSON.stringify({ per_image: variant.per_image, scale: variant.scale });
  if (!variant.per_pixel) {
    delete header['input.mean'];
    delete header['input.inv_std'];
  }
  write(to, header, data);
}

/// The extents of a model's input, and what is done to each image.
export function describe(file) {
  const metadata = read(file).header.__metadata__;
  const [channels, height, width] = /^input (\d+) (\d+) (\d+)/.exec(metadata['mien.spec']).slice(1).map(Number);
  return { channels, height, width, per_image: JSON.parse(metadata['mien.input']).per_image };
}
