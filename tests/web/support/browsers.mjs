// Browsers with a camera made of a file.
import puppeteer from 'puppeteer-core';
import { chromium, firefox } from './paths.mjs';

export const kPhone = { width: 390, height: 844, isMobile: true, hasTouch: true };

/// Chromium; `video` feeds its camera, `camera` is "granted" (default), "denied", "prompt" or "none".
export async function launchChromium({ video, camera = 'granted', args = [], phone = false } = {}) {
  const media = camera === 'none' ? [] : ['--use-fake-device-for-media-stream'];
  if (video) media.push(`--use-file-for-fake-video-capture=${video}`);
  return puppeteer.launch({
    executablePath: chromium,
    headless: true,
    defaultViewport: phone ? kPhone : { width: 1280, height: 800 },
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--mute-audio',
      '--lang=en',
      ...media,
      ...args,
    ],
  });
}

export async function allowCamera(browser, origin, setting = 'granted') {
  const session = await browser.target().createCDPSession();
  await session.send('Browser.setPermission', { origin, permission: { name: 'camera' }, setting });
  for (const name of ['clipboard-read', 'clipboard-write']) {
    await session.send('Browser.setPermission', { origin, permission: { name }, setting: 'granted' });
  }
}

/// Firefox, with a camera of its own making.
export function launchFirefox() {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: firefox,
    headless: true,
    extraPrefsFirefox: { 'media.navigator.streams.fake': true, 'media.navigator.permission.disabled': true },
  });
}
