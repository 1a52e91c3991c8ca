// Handing an emoticon on: to the clipboard, or to another app.

/// Whether it was copied.
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

// Browsers inside of apps often refuse the clipboard and still know this older way.
function copyBySelection(text) {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.className = 'unseen';
  field.value = text;
  document.body.append(field);
  field.select();
  let copied = false;
  try {
    copied = document.execCommand('copy');
  } catch {
    copied = false;
  }
  field.remove();
  focused?.focus?.();
  return copied;
}

export const canShare = () => typeof navigator.share === 'function';

export async function shareText(text) {
  try {
    await navigator.share({ text });
  } catch {
    // Who closes the sheet without choosing anything has changed their mind.
  }
}
