// The camera's life: opened, paused while nobody looks, lost, closed.

/// Why there is no camera; `kind` is a key of texts.trouble.
export class CameraTrouble extends Error {
  constructor(kind, cause) {
    super(cause?.message ?? kind, { cause });
    this.kind = kind;
  }
}

const kKinds = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'taken',
  AbortError: 'taken',
};

export class Camera {
  /// `onFrame(milliseconds)` for each new picture in `video`, `onLost()` when it was taken away.
  constructor(video, { onFrame, onLost }) {
    this.video = video;
    this.facing = 'user';
    this.canFlip = false;
    this.onFrame = onFrame;
    this.onLost = onLost;
    this.stream = null;
    this.attempt = 0;
    this.running = false;
    this.loop = 0; // what is scheduled by an earlier one stays without effect
  }

  get isOpen() {
    return this.stream !== null;
  }

  /// Whether a picture should be shown as in a mirror: all but that of a camera on the back.
  get mirrored() {
    const settings = this.stream?.getVideoTracks()[0]?.getSettings?.() ?? {};
    return (settings.facingMode ?? this.facing) !== 'environment';
  }

  /// False if it was closed or opened again meanwhile. Throws CameraTrouble.
  async open(facing = this.facing) {
    this.close();
    const attempt = this.attempt;
    const stream = await request(facing);
    if (attempt !== this.attempt) {
      stop(stream);
      return false;
    }
    this.facing = facing;
    this.stream = stream;
    const [track] = stream.getVideoTracks();
    track.addEventListener('ended', () => {
      if (this.stream !== stream) return;
      this.close();
      this.onLost();
    });
    this.video.srcObject = stream;
    // Rejected where a new picture comes before it plays, which is no failure.
    await this.video.play().catch(() => {});
    this.canFlip = (await countCameras()) > 1;
    if (attempt !== this.attempt) return false;
    this.resume();
    return true;
  }

  close() {
    ++this.attempt;
    this.running = false;
    if (!this.stream) return;
    stop(this.stream);
    this.stream = null;
    this.video.srcObject = null;
  }

  /// No frames until resume(); where the browser can, the camera's light goes out.
  pause() {
    this.running = false;
    this.enable(false);
  }

  /// False if the camera is gone.
  resume() {
    if (!this.stream || this.stream.getVideoTracks()[0].readyState === 'ended') return false;
    this.enable(true);
    // Some browsers pause what nobody sees.
    if (this.video.paused) this.video.play().catch(() => {});
    if (!this.running) {
      this.running = true;
      this.next(++this.loop);
    }
    return true;
  }

  enable(enabled) {
    for (const track of this.stream?.getVideoTracks() ?? []) track.enabled = enabled;
  }

  next(loop) {
    const step = (now) => {
      if (!this.running || loop !== this.loop) return;
      if (this.video.videoWidth > 0) this.onFrame(now);
      this.next(loop);
    };
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(step);
    else requestAnimationFrame(step);
  }
}

async function request(facing) {
  const devices = navigator.mediaDevices;
  if (!devices?.getUserMedia) throw new CameraTrouble(globalThis.isSecureContext ? 'unsupported' : 'insecure');
  const video = { facingMode: { ideal: facing }, width: { ideal: 640 }, height: { ideal: 480 } };
  try {
    return await devices.getUserMedia({ video, audio: false });
  } catch (error) {
    throw new CameraTrouble(kKinds[error.name] ?? 'failed', error);
  }
}

async function countCameras() {
  try {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((device) => device.kind === 'videoinput').length;
  } catch {
    return 0;
  }
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}
