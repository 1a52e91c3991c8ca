// The page's side of the worker that finds and reads faces.

/// Why a picture was not read; `kind` is a key of texts.trouble: "simd", "model" (not loaded) or "crash".
export class ReaderTrouble extends Error {
  constructor(kind, detail = '') {
    super(detail);
    this.kind = kind;
  }
}

// The smallest module with an instruction of SIMD in it.
const kSimdModule = Uint8Array.from(atob('AGFzbQEAAAABBQFgAAF7AwIBAAoKAQgAQQD9D/1iCw=='), (byte) =>
  byte.charCodeAt(0),
);

export function hasSimd() {
  return typeof WebAssembly === 'object' && WebAssembly.validate(kSimdModule);
}

/// One picture at a time: while one is looked at, `busy` says so, and live frames are to be dropped, not queued.
export class Reader {
  /// `makeWorker` starts worker.js; `onTrouble(trouble)` where that ends while nobody waits for an answer.
  constructor(makeWorker, onTrouble = () => {}) {
    this.makeWorker = makeWorker;
    this.onTrouble = onTrouble;
    this.worker = null;
    this.making = null; // the request whose picture is not there yet
    this.asked = null; // the request the worker has
    this.dropped = 0;
  }

  get busy() {
    return Boolean(this.making ?? this.asked);
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
        if (worker !== this.worker) return; // said before it was ended
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
    this.overtake();
    this.worker?.postMessage({ type: 'forget' });
  }

  /// Waits no longer for a picture on its way: out of a camera that was closed meanwhile it may never come.
  overtake() {
    this.making?.resolve(null);
    this.making = null;
  }

  ask(type, makePicture, more) {
    this.overtake();
    const request = {};
    request.promise = new Promise((resolve, reject) => Object.assign(request, { resolve, reject }));
    this.making = request;
    this.send(request, type, makePicture, more);
    return request.promise;
  }

  async send(request, type, makePicture, more) {
    try {
      await this.asked?.promise.catch(() => {});
      const picture = await makePicture();
      if (this.making !== request) {
        picture.close();
        return;
      }
      this.making = null;
      this.asked = request;
      request.size = { width: picture.width, height: picture.height };
      this.worker.postMessage({ type, picture, ...more }, [picture]);
    } catch (error) {
      if (this.making === request) this.making = null;
      request.reject(error);
    }
  }

  settle({ result, message, lost }) {
    if (lost) {
      this.fail(new ReaderTrouble('crash', message));
      return;
    }
    const request = this.asked;
    this.asked = null;
    if (message === undefined) request.resolve({ ...result, size: request.size });
    else request.reject(new ReaderTrouble('crash', message));
  }

  fail(trouble) {
    const requests = [this.asked, this.making].filter(Boolean);
    this.stop();
    for (const request of requests) request.reject(trouble);
    if (requests.length === 0) this.onTrouble(trouble);
  }

  stop() {
    this.worker?.terminate();
    this.worker = null;
    this.asked = this.making = null;
    this.loaded = undefined;
  }
}
