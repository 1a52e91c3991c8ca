// Where the picture is shown, and the boxes of the faces in it.

export class Stage {
  constructor({ stage, frame, boxes, video, still }) {
    Object.assign(this, { stage, frame, boxes, video, still, fit: 'cover' });
    new ResizeObserver(() => this.layout()).observe(stage);
    // A phone that is turned gives another shape of picture in the middle of the stream.
    video.addEventListener('resize', () => this.layout());
  }

  /// Shows `source`, "video" or "still"; `fit` as CSS has it, "cover" or "contain".
  show(source, { mirrored = false, fit = 'cover' } = {}) {
    this.fit = fit;
    this.frame.dataset.source = source;
    this.frame.classList.toggle('mirrored', mirrored);
    this.layout();
  }

  layout() {
    const still = this.frame.dataset.source === 'still';
    const width = still ? this.still.width : this.video.videoWidth;
    const height = still ? this.still.height : this.video.videoHeight;
    const { clientWidth, clientHeight } = this.stage;
    if (!width || !height || !clientWidth || !clientHeight) return;
    const scales = [clientWidth / width, clientHeight / height];
    const scale = this.fit === 'cover' ? Math.max(...scales) : Math.min(...scales);
    this.frame.style.width = `${width * scale}px`;
    this.frame.style.height = `${height * scale}px`;
  }

  /// Boxes of faces in a picture of `size`. With `onChoose(index)` they are buttons, which `label(index)` names.
  mark(faces, size, chosen, { onChoose, label } = {}) {
    const kind = onChoose ? 'BUTTON' : 'SPAN';
    const old = [...this.boxes.children];
    if (old.length !== faces.length || old.some((box) => box.tagName !== kind)) {
      this.boxes.replaceChildren(
        ...faces.map((_, index) => makeBox(kind, onChoose && (() => onChoose(index)))),
      );
    }
    faces.forEach((face, index) => {
      const box = this.boxes.children[index];
      const [x, y, width, height] = face.box;
      box.style.left = `${(100 * x) / size.width}%`;
      box.style.top = `${(100 * y) / size.height}%`;
      box.style.width = `${(100 * width) / size.width}%`;
      box.style.height = `${(100 * height) / size.height}%`;
      box.classList.toggle('chosen', index === chosen);
      if (!onChoose) return;
      box.setAttribute('aria-label', label(index));
      box.setAttribute('aria-pressed', String(index === chosen));
    });
  }
}

function makeBox(kind, onClick) {
  const box = document.createElement(kind);
  box.className = 'box';
  if (onClick) {
    box.type = 'button';
    box.addEventListener('click', onClick);
  }
  return box;
}
