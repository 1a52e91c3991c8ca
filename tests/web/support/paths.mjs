// Where things are.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
export const booth = process.env.MIEN_BOOTH ?? join(root, 'build/wasm/booth');
export const data = (name) => join(root, 'data', name);

/// What the service worker with this code keeps, and the SHA-256 of each.
export const keptFiles = (code) => JSON.parse(code.match(/kFiles = (\{.*\})/)[1].replaceAll("'", '"'));

/// The native program, newest built last; whose answers the page's have to be.
export const ferpredict = [process.env.MIEN_FERPREDICT, 'check', 'release']
  .filter(Boolean)
  .map((place) => (place.includes('/') ? place : join(root, 'build', place, 'apps/ferpredict')))
  .find((path) => existsSync(path));

export const chromium = process.env.MIEN_CHROMIUM ?? '/usr/bin/chromium';
export const firefox = process.env.MIEN_FIREFOX ?? '/usr/bin/firefox-esr';
