// The page's side of the worker that finds and reads faces.

/// Why a picture was not read; `kind` is a key of texts.trouble: "simd", "model" (not loaded) or "crash".
export class ReaderTrouble extends Error {
  constructor(kind, detail = '') {
    super(detail);
    this.kind = kind;
  }
}

// The smallest module with an instruction of SIMD in it.
const kSimdModule = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  5,
  1,
  96,
  0,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  10,
  1,
  8,
  0,
  65,
  0,
  253,
  15,
  253,
  98,
  11,
);

export function hasSimd() {
  return typeof WebAssembly === 'object' && WebAssembly.validate(kSimdModule);
}

/// One picture at a time: while one is looked at, `busy` says so, and live frames are to be dropped, not queued.
export class Reader {
  /// `makeWorker` starts worker.js.
  constructor(makeWorker) {
    this.makeWorker = makeWorker;
    this.worker = null;
    this.waiting = null;
    this.dropped = 0;
  }

  get busy() {
    return this.waiting !== null;
  }

  /// Resolves with the version when faces can be read. Throws ReaderTrouble; may then be called again.
  load() {
    this.loaded ??= this.begin().catch((trouble) => {
      this.stop();
      throw trouble;
    });
    return this.loaded;
  }

  async begin() {
    if (!hasSimd()) throw new ReaderTrouble('simd');
    return new Promise((resolve, reject) => {
      const worker = this.makeWorker();
      this.worker = worker;
      let ready = false;
      worker.onmessage = ({ data }) => {
        if (data.type === 'ready') {
          ready = true;
          resolve(data.version);
        } else if (data.type === 'failed') {
          reject(new ReaderTrouble('model', data.message));
        } else {
          this.settle(data);
        }
      };
      worker.onerror = (event) => {
        event.preventDefault?.();
        const trouble = new ReaderTrouble(ready ? 'crash' : 'model', event.message);
        reject(trouble);
        if (worker === this.worker) this.fail(trouble);
      };
    });
  }

  /// Reads a frame of a video, `milliseconds` after any start; null where it was dropped.
  readFrame(makePicture, milliseconds) {
    if (this.busy || !this.worker) {
      ++this.dropped;
      return Promise.resolve(null);
    }
    return this.ask('frame', makePicture, { milliseconds });
  }

  /// The same for a frame that is not to be dropped: it waits for the one before.
  readMoment(makePicture, milliseconds) {
    return this.ask('frame', makePicture, { milliseconds });
  }

  /// Reads a picture by itself.
  readPhoto(makePicture) {
    return this.ask('photo', makePicture, {});
  }

  /// Faces that come from now on are other ones than before.
  forget() {
    this.worker?.postMessage({ type: 'forget' });
  }

  ask(type, makePicture, more) {
    const before = this.waiting?.promise.catch(() => {});
    const request = {};
    request.promise = new Promise((resolve, reject) => Object.assign(request, { resolve, reject }));
    this.waiting = request;
    this.send(request, type, makePicture, more, before);
    return request.promise;
  }

  async send(request, type, makePicture, more, before) {
    try {
      await before;
      const picture = await makePicture();
      request.size = { width: picture.width, height: picture.height };
      if (!this.worker) throw new ReaderTrouble('crash');
      this.asked = request;
      this.worker.postMessage({ type, picture, ...more }, [picture]);
    } catch (error) {
      this.finish(request);
      request.reject(error);
    }
  }

  settle({ result, message }) {
    const request = this.asked;
    this.finish(request);
    if (message === undefined) request.resolve({ ...result, size: request.size });
    else request.reject(new ReaderTrouble('crash', message));
  }

  finish(request) {
    if (this.waiting === request) this.waiting = null;
  }

  fail(trouble) {
    const request = this.waiting;
    this.stop();
    request?.reject(trouble);
  }

  stop() {
    this.worker?.terminate();
    this.worker = null;
    this.waiting = null;
    this.loaded = undefined;
  }
}
