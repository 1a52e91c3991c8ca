// Faces in pictures and videos, their expressions, and emoticons for them: mien's C++ as WebAssembly.

/** What goes wrong on purpose; the text is the one that the programs print. */
export class MienError extends Error {
  /**
   * @param {string} message
   * @param {number} code 2 an option, 3 a file or picture (as ferpredict's exit codes), 1 anything else
   */
  constructor(message, code = 2) {
    super(message);
    this.name = 'MienError';
    this.code = code;
  }
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The bytes of what an option of load() names. */
async function bytesOf(source, what) {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new MienError(`${what}: expected a URL, a Uint8Array or an ArrayBuffer`);
  }
  const url = new URL(source, globalThis.location?.href ?? import.meta.url);
  try {
    if (url.protocol === 'file:') {
      const node = 'node:fs/promises'; // a name that bundlers for browsers do not follow
      return new Uint8Array(await (await import(/* webpackIgnore: true */ /* @vite-ignore */ node)).readFile(url));
    }
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim());
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new MienError(`${what}: [read] ${url.href}: ${error.message}`, 3);
  }
}

/** What the C library asks the system for: the time, and what there is none of. */
function systemOf(memory) {
  const view = () => new DataView(memory().buffer);
  const kNotSupported = 52;
  return {
    clock_time_get(clock, _precision, to) {
      const ms = clock === 0 ? Date.now() : performance.now();
      view().setBigUint64(to, BigInt(Math.round(ms * 1e6)), true);
      return 0;
    },
    environ_sizes_get(count, size) {
      view().setUint32(count, 0, true);
      view().setUint32(size, 0, true);
      return 0;
    },
    environ_get: () => 0,
    proc_exit(code) {
      throw new MienError(`mien has ended with ${code}`, 1);
    },
    fd_close: () => kNotSupported,
    fd_read: () => kNotSupported,
    fd_seek: () => kNotSupported,
    fd_write: () => kNotSupported,
  };
}

async function instantiate(bytes) {
  let memory;
  const system = systemOf(() => memory);
  const kNoSuchCall = -38;
  const files = new Proxy({}, {get: () => () => kNoSuchCall}); // of which there are none, and what is told of memory
  try {
    const {instance} = await WebAssembly.instantiate(bytes, {wasi_snapshot_preview1: system, env: files});
    memory = instance.exports.memory;
    instance.exports._initialize();
    return instance.exports;
  } catch (error) {
    throw new MienError(`wasm: ${error.message}`, 3);
  }
}

/** Width, height and, of ImageData and its like, pixels. */
function sizeOf(image) {
  const [width, height] =
    image?.videoWidth !== undefined ? [image.videoWidth, image.videoHeight]
    : image?.naturalWidth !== undefined ? [image.naturalWidth, image.naturalHeight]
    : image?.displayWidth !== undefined ? [image.displayWidth, image.displayHeight]
    : [image?.width, image?.height];
  if (!Number.isInteger(width) || !Number.isInteger(height)) {
    throw new MienError('picture: expected ImageData, a video, an image, a canvas, an ImageBitmap or a VideoFrame');
  }
  return {width, height};
}

/** A canvas that pictures are drawn on to get at their pixels. */
class Canvas {
  #context = null;

  pixels(image, width, height) {
    this.#context ??= this.#make();
    const canvas = this.#context.canvas;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    this.#context.clearRect(0, 0, width, height);
    this.#context.drawImage(image, 0, 0, width, height);
    return this.#context.getImageData(0, 0, width, height).data;
  }

  #make() {
    const canvas = typeof OffscreenCanvas === 'function' ? new OffscreenCanvas(1, 1)
      : typeof document === 'object' ? document.createElement('canvas')
      : null;
    const context = canvas?.getContext('2d', {willReadFrequently: true});
    if (!context) throw new MienError('picture: without a canvas only {data, width, height} can be read');
    return context;
  }
}

class Mien {
  #wasm;
  #reader;
  #canvas = new Canvas();
  #followers = new Set();

  constructor(wasm, files) {
    this.#wasm = wasm;
    const places = files.map((bytes) => this.#put(bytes));
    this.#reader = wasm.mien_open(...places.flatMap((place, i) => [place, files[i].length]));
    for (const place of places) wasm.free(place);
    if (this.#reader === 0) this.#fail();
    this.version = this.#text(wasm.mien_version());
  }

  /** Faces and expressions of one picture: what `ferpredict --json` says of a photo. */
  read(image, options = {}) {
    const ms = this.#take(image);
    return this.#withOptions(options, (text, size) => this.#wasm.mien_read(this.#reader, text, size, ms));
  }

  /** What `ferpredict --camera` does: faces followed from frame to frame, their probabilities steadied over time. */
  follow(options = {}) {
    this.#check();
    const follower = this.#withText(options, (text, size) => this.#wasm.mien_follow(this.#reader, text, size));
    if (follower === 0) this.#fail();
    let open = true;
    const close = () => {
      if (open) this.#wasm.mien_follower_close(follower);
      open = false;
      this.#followers.delete(close);
    };
    this.#followers.add(close);
    return {
      read: (image, milliseconds = performance.now()) => {
        if (!open) throw new MienError('this follower has been disposed of');
        const ms = this.#take(image);
        return this.#answer(this.#wasm.mien_follower_read(follower, milliseconds, ms));
      },
      dispose: close,
    };
  }

  /** How many bytes the WebAssembly has taken from the system. */
  get memoryBytes() {
    this.#check();
    return this.#wasm.memory.buffer.byteLength;
  }

  /** Gives the memory back, with that of all followers. */
  dispose() {
    if (this.#reader === 0) return;
    for (const close of this.#followers) close();
    this.#wasm.mien_close(this.#reader);
    this.#reader = 0;
    this.#wasm = null;
  }

  #check() {
    if (this.#reader === 0) throw new MienError('mien has been disposed of');
  }

  /** Copies a picture's pixels to where they are read; how many milliseconds that took. */
  #take(image) {
    this.#check();
    const start = performance.now();
    const {width, height} = sizeOf(image);
    const place = this.#wasm.mien_pixels(this.#reader, width, height);
    if (place === 0) this.#fail();
    const pixels = ArrayBuffer.isView(image.data) ? image.data : this.#canvas.pixels(image, width, height);
    if (!(pixels instanceof Uint8Array || pixels instanceof Uint8ClampedArray)) {
      throw new MienError(`picture: expected values of 8 bits, got a ${pixels.constructor.name}`);
    }
    if (pixels.length !== 4 * width * height) {
      throw new MienError(`picture: ${pixels.length} values for ${width}x${height} pixels of red, green, blue and alpha`);
    }
    new Uint8Array(this.#wasm.memory.buffer, place, pixels.length).set(pixels);
    return performance.now() - start;
  }

  #withOptions(options, call) {
    return this.#answer(this.#withText(options, call));
  }

  #withText(value, call) {
    const bytes = encoder.encode(JSON.stringify(value ?? {}));
    const place = this.#put(bytes);
    try {
      return call(place, bytes.length);
    } finally {
      this.#wasm.free(place);
    }
  }

  #put(bytes) {
    const place = this.#wasm.malloc(Math.max(bytes.length, 1));
    if (place === 0) throw new MienError('out of memory', 1);
    new Uint8Array(this.#wasm.memory.buffer, place, bytes.length).set(bytes);
    return place;
  }

  #answer(place) {
    if (place === 0) this.#fail();
    return JSON.parse(this.#text(place));
  }

  #fail() {
    throw new MienError(this.#text(this.#wasm.mien_answer()), this.#wasm.mien_failure());
  }

  #text(place) {
    return decoder.decode(new Uint8Array(this.#wasm.memory.buffer, place, this.#wasm.mien_answer_size()));
  }
}

/** Loads code and networks from beside this script, or from what the options name. */
export async function load(options = {}) {
  const [wasm, ...files] = await Promise.all([
    bytesOf(options.wasm ?? new URL('./mien.wasm', import.meta.url), 'wasm'),
    bytesOf(options.model ?? new URL('./small.safetensors', import.meta.url), 'model'),
    bytesOf(options.detector ?? new URL('./faces.safetensors', import.meta.url), 'detector'),
    bytesOf(options.points ?? new URL('./points.safetensors', import.meta.url), 'points'),
  ]);
  return new Mien(await instantiate(wasm), files);
}
