// The images that exported networks are tried on.
import fs from 'node:fs';
import { gunzipSync } from 'node:zlib';

// Repeats itself: the same images in every run.
export function generator(seed) {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/// Noise of several strengths, a slope, one gray (the case norm100 must not divide by), one odd pixel.
export function drawnImages(height, width) {
  const random = generator(1);
  const draw = (pixel) => Uint8Array.from({ length: height * width }, (_, i) => pixel(i));
  const images = [0, 1, 77, 255].map((gray) => draw(() => gray));
  for (const strength of [2, 20, 255]) images.push(draw(() => 128 + (random() - 0.5) * strength));
  images.push(draw((i) => (255 * (i % width)) / width));
  images.push(draw((i) => (i === 5 ? 101 : 100)));
  return images;
}

/// The first rows of a CSV like FER2013's; none where the network takes images of another size.
export function faces(file, count, height, width) {
  if (height !== 48 || width !== 48) return [];
  const lines = gunzipSync(fs.readFileSync(file)).toString().split(/\r?\n/);
  return lines.slice(1, count + 1).map((line) => Uint8Array.from(line.split(',')[1].split(' ').map(Number)));
}

/// What the caller of a plain export does: `mien.preparation` in its metadata, in double.
export function prepare(pixels, perImage) {
  if (perImage === 'none') return Float32Array.from(pixels);
  const mean = pixels.reduce((sum, p) => sum + p, 0) / pixels.length;
  if (perImage === 'center') return Float32Array.from(pixels, (p) => p - mean);
  const norm = Math.sqrt(pixels.reduce((sum, p) => sum + (p - mean) ** 2, 0));
  return Float32Array.from(pixels, (p) => (norm > 0 ? (100 * (p - mean)) / norm : 0));
}
