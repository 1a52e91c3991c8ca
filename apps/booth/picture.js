// Pictures out of a camera or a file.

const kLiveEdge = 640; // what a live frame is reduced to
const kPhotoEdge = 1600; // what a photo is reduced to

/// A frame of the video as it is now, as an ImageBitmap.
export function grab(video) {
  const { videoWidth: width, videoHeight: height } = video;
  const scale = kLiveEdge / Math.max(width, height);
  if (scale >= 1) return createImageBitmap(video);
  return createImageBitmap(video, {
    resizeWidth: Math.round(width * scale),
    resizeHeight: Math.round(height * scale),
    resizeQuality: 'medium',
  });
}

/// Draws a decoded photo onto `canvas`, at most 1,600 pixels an edge, and closes it.
export function drawPhoto(bitmap, canvas) {
  const scale = Math.min(1, kPhotoEdge / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
}

export function drawBitmap(bitmap, canvas) {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('2d').drawImage(bitmap, 0, 0);
}

/// The first picture among files that were chosen, dropped or pasted.
export function firstPicture(files) {
  return [...(files ?? [])].find((file) => file.type.startsWith('image/')) ?? files?.[0] ?? null;
}
