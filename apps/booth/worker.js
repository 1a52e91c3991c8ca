// Finds and reads faces away from the page's own thread.
import { load, MienError } from './mien-web/mien-web.js';

let mien = null;
let follower = null;

// Browsers compile their fast code, and memory grows, by the first pictures: better by gray ones than while a face
// waits. The first is searched for faces, the second is small enough to be taken as one.
function warmUp() {
  for (const [width, height] of [
    [320, 240],
    [48, 48],
  ]) {
    mien.read({ data: new Uint8ClampedArray(4 * width * height).fill(128), width, height });
  }
}

// Who looks into a camera is nearer than two meters. Smaller faces would take most of the time.
function leastFace({ width, height }) {
  return Math.max(40, Math.round(Math.max(width, height) / 40));
}

function read({ type, picture, milliseconds }) {
  if (type === 'photo') return mien.read(picture);
  follower ??= mien.follow({ minFace: leastFace(picture) });
  return follower.read(picture, milliseconds);
}

function forget() {
  follower?.dispose();
  follower = null;
}

self.onmessage = ({ data }) => {
  if (data.type === 'forget') {
    forget();
    return;
  }
  try {
    self.postMessage({ type: 'result', result: read(data) });
  } catch (error) {
    // What mien did not say by itself, a trap of WebAssembly say, has left it unusable.
    const lost = !(error instanceof MienError);
    self.postMessage({ type: 'result', message: error.message, lost });
  } finally {
    data.picture.close();
  }
};

try {
  mien = await load();
  warmUp();
  self.postMessage({ type: 'ready', version: mien.version });
} catch (error) {
  self.postMessage({ type: 'failed', message: error.message });
}
