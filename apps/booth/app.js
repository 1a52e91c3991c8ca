// The page: what state it is in, and what its buttons do.
import { Camera, CameraTrouble } from './camera.js';
import { canShare, copyText, shareText } from './copy.js';
import { loadEmoticons } from './emoticons.js';
import { drawBitmap, drawPhoto, firstPicture, grab } from './picture.js';
import { hasSimd, Reader, ReaderTrouble } from './reader.js';
import { Reading } from './reading.js';
import { Announcer, Toast } from './speech.js';
import { Stage } from './stage.js';
import { chooseLanguage, fillIn, rememberLanguage, texts } from './texts.js';
import { watchForUpdates } from './updates.js';

const kGone = 500; // milliseconds without a face before that is said

const element = (id) => document.getElementById(id);
const elements = (...ids) => Object.fromEntries(ids.map((id) => [id, element(id)]));

class Booth {
  constructor() {
    Object.assign(
      this,
      elements('badge', 'waiting', 'still', 'video', 'trouble', 'freeze', 'resume', 'back', 'retry'),
    );
    this.state = 'start';
    this.session = 0; // results that come from an earlier one are not shown
    this.result = null;
    this.chosen = 0;
    this.camera = new Camera(this.video, { onFrame: (now) => this.onFrame(now), onLost: () => this.onLost() });
    this.reader = new Reader(
      () => new Worker(new URL('worker.js', import.meta.url), { type: 'module' }),
      (trouble) => ['live', 'frozen'].includes(this.state) && this.fail(trouble),
    );
    this.stage = new Stage(elements('stage', 'frame', 'boxes', 'video', 'still'));
    this.reading = new Reading(
      elements('hero', 'emoticon', 'name', 'chance', 'hint', 'forms', 'bars'),
      (form) => this.copy(form),
    );
    this.announcer = new Announcer(element('announcer'));
    this.toast = new Toast(element('toast'));
  }

  // ------------------------------------------------------------------ what is shown

  get text() {
    return texts[this.language];
  }

  speak(language) {
    this.language = language;
    document.documentElement.lang = language;
    element('language').value = language;
    fillIn(document, this.text);
    this.reading.setText(this.text, language);
    this.reading.prepareRows(Object.keys(this.text.names));
    this.render();
  }

  enter(state) {
    this.state = state;
    ++this.session;
    document.body.dataset.state = state;
    this.render();
  }

  render() {
    const { text } = this;
    const badges = { live: text.live, frozen: text.frozen, photo: text.aPhoto };
    this.badge.textContent = badges[this.state] ?? '';
    const awaited = { starting: text.loading, photo: this.result ? '' : text.looking };
    this.waiting.textContent = awaited[this.state] ?? '';
    if (this.state === 'trouble') this.renderTrouble();
    else this.renderReading();
    const face = this.result?.faces[this.chosen];
    element('share').hidden = !face || !canShare();
    element('flip').hidden = this.state !== 'live' || !this.camera.canFlip;
  }

  renderTrouble() {
    const [title, explanation] = this.text.trouble[this.problem.kind];
    element('trouble-title').textContent = title;
    element('trouble-text').textContent = explanation;
    element('trouble-detail').textContent = this.problem.detail;
    this.retry.textContent = this.text.tryAgain;
  }

  renderReading() {
    const { result, text } = this;
    const faces = result?.faces ?? [];
    const face = faces[this.chosen];
    const live = this.state === 'live';
    const several = faces.length > 1 && !live;
    const choice = {
      onChoose: (index) => this.choose(index),
      label: (index) => text.face(index + 1, this.reading.nameOf(faces[index].expression)),
    };
    // A picture that was taken as a face is its own box.
    const marked = result?.detector === 'none' ? [] : faces;
    this.stage.mark(marked, result?.size, this.chosen, several ? choice : {});
    if (face) {
      this.reading.showFace(face, this.hintFor(face, several));
      const name = this.reading.nameOf(face.expression);
      this.announcer.say(text.says(name, this.reading.percent.format(face.probability)), name);
    } else if (!result) {
      this.reading.showNobody(text.looking, '');
    } else {
      const photo = this.state === 'photo';
      this.reading.showNobody(
        photo ? text.nobodyPhoto : text.nobody,
        photo ? text.nobodyPhotoHint : text.nobodyHint,
      );
      this.announcer.say(photo ? text.nobodyPhoto : text.nobody);
    }
  }

  hintFor(face, several) {
    if (face.turned_away) return this.text.turnedAway;
    if (this.result.fallback) return this.text.wholePicture;
    return several ? this.text.chooseFace : '';
  }

  choose(index) {
    this.chosen = index;
    this.render();
  }

  // ------------------------------------------------------------------ the camera

  async start(facing = this.camera.facing) {
    this.result = null;
    this.chosen = 0;
    this.track = undefined;
    this.stage.show('video');
    this.enter('starting');
    const { session } = this;
    this.again = () => this.start(facing);
    try {
      const [opened] = await Promise.all([this.camera.open(facing), this.ready()]);
      if (!opened || session !== this.session) return;
    } catch (error) {
      if (session === this.session) this.fail(error);
      return;
    }
    this.reader.forget();
    this.goLive();
  }

  goLive() {
    this.faceSeen = performance.now();
    this.reader.overtake();
    this.stage.show('video', { mirrored: this.camera.mirrored });
    this.enter('live');
    focusIfLost(this.freeze);
    if (document.hidden) this.camera.pause();
  }

  onFrame(now) {
    if (this.state !== 'live') return;
    const { session } = this;
    this.reader
      .readFrame(() => grab(this.video), now)
      .then(
        (result) => {
          if (result && session === this.session) this.onResult(result);
        },
        (error) => {
          // Anything else is a camera whose picture went away meanwhile; when it is gone for good, onLost says so.
          if (session === this.session && error instanceof ReaderTrouble) this.fail(error);
        },
      );
  }

  onResult(result) {
    const now = performance.now();
    if (result.faces.length > 0) this.faceSeen = now;
    else if (this.result && now - this.faceSeen < kGone) return; // a blink of the detector
    this.follow(result);
  }

  // The face that was shown stays the one shown as long as it is there.
  follow(result) {
    const index = result.faces.findIndex((face) => face.track === this.track);
    this.chosen = Math.max(0, index);
    this.track = result.faces[this.chosen]?.track;
    this.result = result;
    this.render();
    if (this.track !== undefined) markFirstAnswer();
  }

  async freezeMoment() {
    if (this.state !== 'live') return;
    this.enter('frozen');
    const { session } = this;
    focusIfLost(this.resume);
    try {
      const result = await this.reader.readMoment(async () => {
        const bitmap = await grab(this.video);
        drawBitmap(bitmap, this.still);
        return bitmap;
      }, performance.now());
      if (session !== this.session) return;
      this.stage.show('still', { mirrored: this.camera.mirrored });
      this.camera.pause();
      this.follow(result);
    } catch (error) {
      if (session === this.session) this.fail(error);
    }
  }

  goOn() {
    if (this.camera.resume()) this.goLive();
    else this.start();
  }

  flip() {
    this.start(this.camera.facing === 'user' ? 'environment' : 'user');
  }

  onLost() {
    // Phones end the camera of a page nobody sees; it is opened again when it is shown.
    if (document.hidden && this.state === 'live') return;
    if (this.state === 'live' || this.state === 'starting') this.fail(new CameraTrouble('lost'));
  }

  onVisibility() {
    if (this.state !== 'live') return;
    if (document.hidden) this.camera.pause();
    else this.goOn();
  }

  // ------------------------------------------------------------------ photos

  async openPhoto(file) {
    this.camera.close();
    this.result = null;
    this.chosen = 0;
    this.still.width = this.still.height = 0;
    this.enter('photo');
    const { session } = this;
    this.again = () => this.openPhoto(file);
    try {
      const bitmap = await createImageBitmap(file).catch((error) => {
        throw new ReaderTrouble('picture', error.message);
      });
      // Decoding takes its time; by now another picture may be on the canvas.
      if (session !== this.session) return bitmap.close();
      drawPhoto(bitmap, this.still);
      this.stage.show('still', { fit: 'contain' });
      await this.ready();
      const result = await this.reader.readPhoto(() => createImageBitmap(this.still));
      if (session !== this.session) return;
      this.result = result;
      this.render();
      if (result.faces.length > 0) markFirstAnswer();
    } catch (error) {
      if (session === this.session) this.fail(error);
    }
  }

  // ------------------------------------------------------------------ the rest

  async ready() {
    const version = await this.reader.load();
    element('version').textContent = `mien ${version}`;
  }

  fail(error) {
    this.camera.close();
    const known = error instanceof CameraTrouble || error instanceof ReaderTrouble;
    // What the browser says of a camera adds nothing; what the reader says names the place.
    const detail = error instanceof CameraTrouble && error.kind !== 'failed' ? '' : error.message;
    this.problem = { kind: known ? error.kind : 'crash', detail };
    this.result = null;
    this.trouble.dataset.kind = this.problem.kind;
    this.enter('trouble');
    this.trouble.focus({ preventScroll: true });
  }

  async copy(form) {
    this.toast.show((await copyText(form)) ? this.text.copied(form) : this.text.notCopied);
  }

  share() {
    const face = this.result?.faces[this.chosen];
    if (face) shareText(face.emoticons[0]);
  }
}

function markFirstAnswer() {
  if (performance.getEntriesByName('first-answer').length === 0) performance.mark('first-answer');
}

// Where a button has gone with its state, the one that took its place.
function focusIfLost(button) {
  const active = document.activeElement;
  if (!active || active === document.body || active.offsetParent === null)
    button.focus({ preventScroll: true });
}

function onClick(selector, action) {
  for (const button of document.querySelectorAll(selector)) button.addEventListener('click', action);
}

function takePhotos(booth) {
  for (const [selector, id] of [
    ['.pick', 'picked'],
    ['.snap', 'snapped'],
  ]) {
    const input = element(id);
    onClick(selector, () => input.click());
    input.addEventListener('change', () => {
      const file = firstPicture(input.files);
      input.value = ''; // so that the same one can be chosen again
      if (file) booth.openPhoto(file);
    });
  }
  document.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    document.body.classList.add('dragging');
  });
  document.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) document.body.classList.remove('dragging');
  });
  document.addEventListener('drop', (event) => {
    document.body.classList.remove('dragging');
    const file = firstPicture(event.dataTransfer?.files);
    if (!file) return;
    event.preventDefault();
    booth.openPhoto(file);
  });
  document.addEventListener('paste', (event) => {
    const file = firstPicture(event.clipboardData?.files);
    if (file) booth.openPhoto(file);
  });
}

function main() {
  const booth = new Booth();
  const storage = () => localStorage;
  booth.speak(chooseLanguage(storage, navigator.languages ?? [navigator.language]));
  element('language').addEventListener('change', ({ target }) => {
    rememberLanguage(storage, target.value);
    booth.speak(target.value);
  });
  onClick('#start, #back', () => booth.start());
  onClick('#retry', () => booth.again());
  onClick('#flip', () => booth.flip());
  onClick('#freeze', () => booth.freezeMoment());
  onClick('#resume', () => booth.goOn());
  onClick('#share', () => booth.share());
  takePhotos(booth);
  document.addEventListener('visibilitychange', () => booth.onVisibility());
  addEventListener('pagehide', () => booth.camera.close());
  addEventListener('pageshow', (event) => event.persisted && booth.state === 'live' && booth.start());
  loadEmoticons().then(
    (table) => {
      booth.reading.setTable(table);
      booth.render();
    },
    () => {},
  ); // the package's own forms are there without
  watchForUpdates((apply) => {
    element('update').hidden = false;
    element('reload').onclick = apply;
  });
  if (!hasSimd()) booth.fail(new ReaderTrouble('simd'));
  else booth.ready().catch(() => {}); // said, and tried again, when it is needed
}

main();
