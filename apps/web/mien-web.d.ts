/** What goes wrong on purpose; the text is the one that the programs print. */
export class MienError extends Error {
  name: 'MienError';
  /** 2 an option, 3 a file or picture (as ferpredict's exit codes), 1 anything else. */
  code: 1 | 2 | 3;
}

export type Label = 'angry' | 'disgust' | 'fear' | 'happy' | 'sad' | 'surprise' | 'neutral';

/** An address, or the bytes themselves. */
export type Source = string | URL | ArrayBuffer | ArrayBufferView;

export interface LoadOptions {
  /** mien.wasm; by default, as all of these, the file beside the script. */
  wasm?: Source;
  /** A network that reads expressions. */
  model?: Source;
  /** A network that finds faces. */
  detector?: Source;
  /** A network that looks closely at each of them. */
  points?: Source;
}

/** Pixels of red, green, blue and alpha, the top row first, as ImageData has them. */
export interface Pixels {
  data: Uint8ClampedArray | Uint8Array;
  width: number;
  height: number;
}

/** In Node there is no canvas to draw others than `Pixels` on. */
export type Picture = Pixels | Exclude<CanvasImageSource, SVGImageElement>;

export interface ReadOptions {
  /** Views of a face over which answers are averaged: 1, 2, 6 and 12 of them. Default: none. */
  tta?: 'none' | 'mirror' | 'scales' | 'full';
  /** Faces have a `name` in this language. */
  lang?: 'en' | 'ko' | 'zh';
  /**
   * The edge in pixels, 1 .. 16384, of the smallest face that is looked for. Default: a fortieth of the picture's
   * longer edge, but 20 to 48. From twice as large on, the search takes about a third of the time.
   */
  minFace?: number;
  /** The least probability of a face, 0 .. 1. Default: the detector's own. */
  minScore?: number;
}

export interface FollowOptions extends ReadOptions {
  smoothing?: {
    /** Seconds after which 63 % of a change have come through, 0 .. 60. Default: 0.3. */
    timeConstant?: number;
    /** Seconds for which another expression has to lead before it is shown, 0 .. 60. Default: 0.25. */
    hold?: number;
    /** The probability by which it has to lead, 0 .. 1. Default: 0.1. */
    margin?: number;
  };
}

/** Names and meaning are those of ferpredict's --json. */
export interface Face {
  /** x, y, width, height in pixels. */
  box: [number, number, number, number];
  /** The probability of a face; null where the picture was taken as the crop of one. */
  score: number | null;
  expression: Label;
  /** The expression in the language that was asked for. */
  name?: string;
  probability: number;
  probabilities: Record<Label, number>;
  /** The best first. */
  emoticons: string[];
  /** x and y of left eye, right eye, nose, left and right corner of the mouth, as seen. */
  points?: [number, number][];
  /** Degrees. */
  roll?: number;
  yaw?: number;
  /** So far that the expression can hardly be read. */
  turned_away?: true;
}

export interface FollowedFace extends Face {
  /** A number that stays with the face, from 1 on. */
  track: number;
}

/** Milliseconds: to get at the pixels and make them gray, to find faces, to read them. */
export interface Times {
  decode: number;
  detect: number;
  infer: number;
}

export interface Result {
  schema: 1;
  model: {name: string; sha256: string};
  /** "none" where the picture was taken as the crop of a face. */
  detector: 'network' | 'none';
  /** Why a picture in which faces were looked for was taken as a crop after all. */
  fallback?: 'no_face_found';
  /** The largest first. */
  faces: Face[];
  ms: Times;
}

export interface Frame {
  /** From 1 on. */
  frame: number;
  /** Seconds since the first one. */
  time: number;
  detector: 'network' | 'none';
  faces: FollowedFace[];
  ms: Times;
  /** Frames a second over the last one or so; null at first. */
  fps: number | null;
}

export interface Follower {
  /**
   * The next frame, `milliseconds` being its time from any start (performance.now() where it is missing).
   * Throws MienError for a time that is not after the last.
   */
  read(image: Picture, milliseconds?: number): Frame;
  /** Gives its memory back; more than once does no harm. */
  dispose(): void;
}

export interface Mien {
  /** Of this library. */
  readonly version: string;
  /** How many bytes the WebAssembly has taken from the system. */
  readonly memoryBytes: number;
  /** Faces and expressions of one picture. Throws MienError for options and pictures that cannot be read. */
  read(image: Picture, options?: ReadOptions): Result;
  /** Follows the faces of a video and steadies what is read in them. */
  follow(options?: FollowOptions): Follower;
  /** Gives the memory back, with that of all followers; more than once does no harm. */
  dispose(): void;
}

/** Loads code and networks. Throws MienError for what cannot be read or understood. */
export function load(options?: LoadOptions): Promise<Mien>;
