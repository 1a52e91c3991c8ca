// Offline use, and new versions: one that has come waits until somebody asks for it.

const kInterval = 3600 * 1000; // milliseconds between looks for a new version

/// `onReady(apply)` when a new version waits; `apply()` reloads the page with it.
export async function watchForUpdates(onReady) {
  if (!('serviceWorker' in navigator)) return;
  const controlled = Boolean(navigator.serviceWorker.controller);
  let registration;
  try {
    registration = await navigator.serviceWorker.register('sw.js', { updateViaCache: 'none' });
  } catch {
    return; // private windows of some browsers; the page works without
  }
  const offer = () => {
    const waiting = registration.waiting;
    if (waiting && navigator.serviceWorker.controller) onReady(() => apply(waiting));
  };
  const watchInstalling = () => registration.installing?.addEventListener('statechange', offer);
  offer();
  watchInstalling(); // by another window, perhaps
  registration.addEventListener('updatefound', watchInstalling);
  // Another window of this page may have asked for the new version.
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (controlled) onReady(() => location.reload());
  });
  let looked = Date.now();
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || Date.now() - looked < kInterval) return;
    looked = Date.now();
    registration.update().catch(() => {}); // offline
  });
}

function apply(waiting) {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  waiting.postMessage('take-over');
}
