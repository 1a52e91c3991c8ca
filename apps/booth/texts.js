// What the page says, in its three languages.

const english = {
  language: 'Language',
  headline: 'Your face, as an emoticon',
  lead: 'Look at the camera, and the emoticon is there, ready to copy.',
  start: 'Start the camera',
  choosePhoto: 'Choose a photo',
  takePhoto: 'Take a photo',
  dropTip: 'Or drop a photo anywhere on this page.',
  dropHere: 'Drop the photo here',
  picture: 'Picture',
  reading: 'Reading',
  alternatives: 'Other emoticons to copy',
  expressions: 'How probable each expression is',
  controls: 'Controls',
  flip: 'Other camera',
  share: 'Share',
  freeze: 'Freeze',
  resume: 'Go on',
  back: 'Camera',
  photo: 'Photo',
  apparent: 'What is read is the expression a face shows, not what a person feels.',
  private: 'No picture leaves this device.',
  updateReady: 'A new version is ready.',
  reload: 'Reload',
  live: 'Live',
  frozen: 'Frozen',
  aPhoto: 'Photo',
  loading: 'Getting ready …',
  looking: 'Looking …',
  nobody: 'No face in sight',
  nobodyHint: 'Come closer, into the light, and look at the camera.',
  nobodyPhoto: 'No face found in this photo',
  nobodyPhotoHint: 'A face should look at the camera and be at least 20 pixels wide.',
  wholePicture: 'No face was found, so the whole picture was taken as one.',
  turnedAway: 'The face is turned away, so this is hardly to be read.',
  chooseFace: 'Several faces: tap the one to read.',
  face: (number, name) => `Face ${number}: ${name}`,
  copy: (emoticon) => `Copy ${emoticon}`,
  copied: (emoticon) => `Copied ${emoticon}`,
  notCopied: 'The browser did not let it be copied.',
  says: (name, chance) => `${name}, ${chance}`,
  tryAgain: 'Try again',
  names: {
    angry: 'Angry',
    disgust: 'Disgust',
    fear: 'Fear',
    happy: 'Happy',
    sad: 'Sad',
    surprise: 'Surprise',
    neutral: 'Neutral',
  },
  trouble: {
    refused: [
      'The camera is not allowed',
      'Allow it in the browser’s settings for this page, or use a photo instead.',
    ],
    missing: ['No camera was found', 'Connect one and try again, or use a photo instead.'],
    taken: [
      'The camera is busy',
      'Another program seems to use it. Close that one and try again, or use a photo.',
    ],
    lost: ['The camera is gone', 'It was unplugged, switched off, or taken by another program.'],
    unsupported: [
      'This browser shows no camera to pages',
      'Apps with a browser of their own often do not. Open this page in your usual browser, or use a photo.',
    ],
    insecure: [
      'The camera needs a secure page',
      'Open this page by https or on localhost, or use a photo instead.',
    ],
    failed: ['The camera did not start', 'Try again, or use a photo instead.'],
    model: ['The reader could not be loaded', 'Check the connection and try again.'],
    simd: [
      'This browser is too old',
      'It has no WebAssembly SIMD, which reading faces needs. Any browser since 2023 has.',
    ],
    crash: ['The reader stopped', 'Something went wrong while a picture was looked at.'],
    picture: ['This picture cannot be opened', 'Try a JPEG or PNG file.'],
  },
};

const korean = {
  language: '언어',
  headline: '표정이 이모티콘이 됩니다',
  lead: '카메라를 바라보면 이모티콘이 나타나고, 바로 복사할 수 있습니다.',
  start: '카메라 시작',
  choosePhoto: '사진 선택',
  takePhoto: '사진 찍기',
  dropTip: '사진을 이 페이지로 끌어다 놓아도 됩니다.',
  dropHere: '여기에 사진을 놓으세요',
  picture: '화면',
  reading: '읽은 표정',
  alternatives: '복사할 수 있는 다른 이모티콘',
  expressions: '표정별 확률',
  controls: '조작',
  flip: '카메라 전환',
  share: '공유',
  freeze: '멈춤',
  resume: '계속',
  back: '카메라',
  photo: '사진',
  apparent: '얼굴에 드러난 표정을 읽을 뿐, 실제 감정을 아는 것은 아닙니다.',
  private: '사진은 이 기기를 벗어나지 않습니다.',
  updateReady: '새 버전이 준비되었습니다.',
  reload: '새로 고침',
  live: '실시간',
  frozen: '멈춤',
  aPhoto: '사진',
  loading: '준비하는 중 …',
  looking: '살펴보는 중 …',
  nobody: '얼굴이 보이지 않습니다',
  nobodyHint: '밝은 곳에서 가까이 다가와 카메라를 바라보세요.',
  nobodyPhoto: '사진에서 얼굴을 찾지 못했습니다',
  nobodyPhotoHint: '정면을 보는 너비 20픽셀 이상의 얼굴이 필요합니다.',
  wholePicture: '얼굴을 찾지 못해 사진 전체를 얼굴로 보았습니다.',
  turnedAway: '얼굴이 옆을 향해 표정을 읽기 어렵습니다.',
  chooseFace: '얼굴이 여럿입니다. 읽을 얼굴을 누르세요.',
  face: (number, name) => `얼굴 ${number}: ${name}`,
  copy: (emoticon) => `${emoticon} 복사`,
  copied: (emoticon) => `${emoticon} 복사됨`,
  notCopied: '브라우저가 복사를 허용하지 않았습니다.',
  says: (name, chance) => `${name}, ${chance}`,
  tryAgain: '다시 시도',
  names: {
    angry: '분노',
    disgust: '혐오',
    fear: '두려움',
    happy: '행복',
    sad: '슬픔',
    surprise: '놀람',
    neutral: '무표정',
  },
  trouble: {
    refused: ['카메라가 허용되지 않았습니다', '브라우저의 사이트 설정에서 허용하거나, 사진을 사용하세요.'],
    missing: ['카메라를 찾지 못했습니다', '카메라를 연결한 뒤 다시 시도하거나, 사진을 사용하세요.'],
    taken: ['카메라가 사용 중입니다', '다른 프로그램을 닫고 다시 시도하거나, 사진을 사용하세요.'],
    lost: ['카메라 연결이 끊겼습니다', '카메라가 분리되었거나 꺼졌거나 다른 프로그램이 사용하고 있습니다.'],
    unsupported: [
      '이 브라우저에서는 카메라를 쓸 수 없습니다',
      '앱 안의 브라우저에서는 흔한 일입니다. 평소 쓰는 브라우저로 열거나, 사진을 사용하세요.',
    ],
    insecure: ['카메라에는 보안 연결이 필요합니다', 'https나 localhost로 열거나, 사진을 사용하세요.'],
    failed: ['카메라를 시작하지 못했습니다', '다시 시도하거나, 사진을 사용하세요.'],
    model: ['판독기를 불러오지 못했습니다', '연결을 확인하고 다시 시도하세요.'],
    simd: [
      '브라우저가 너무 오래되었습니다',
      '얼굴을 읽는 데 필요한 WebAssembly SIMD가 없습니다. 2023년 이후의 브라우저에는 있습니다.',
    ],
    crash: ['판독기가 멈췄습니다', '그림을 살펴보는 중에 문제가 생겼습니다.'],
    picture: ['이 그림을 열 수 없습니다', 'JPEG나 PNG 파일을 사용해 보세요.'],
  },
};

const chinese = {
  language: '语言',
  headline: '你的表情，变成表情符号',
  lead: '看着摄像头，表情符号就会出现，点一下即可复制。',
  start: '打开摄像头',
  choosePhoto: '选择照片',
  takePhoto: '拍照',
  dropTip: '也可以把照片拖到本页面上。',
  dropHere: '把照片放在这里',
  picture: '画面',
  reading: '识别结果',
  alternatives: '其他可复制的表情符号',
  expressions: '各表情的概率',
  controls: '控制',
  flip: '切换镜头',
  share: '分享',
  freeze: '定格',
  resume: '继续',
  back: '摄像头',
  photo: '照片',
  apparent: '这里识别的是脸上呈现的表情，并不代表内心的感受。',
  private: '任何画面都不会离开此设备。',
  updateReady: '新版本已就绪。',
  reload: '重新加载',
  live: '实时',
  frozen: '已定格',
  aPhoto: '照片',
  loading: '正在准备……',
  looking: '正在识别……',
  nobody: '没有看到人脸',
  nobodyHint: '请靠近一些，到明亮处，正对摄像头。',
  nobodyPhoto: '照片中没有找到人脸',
  nobodyPhotoHint: '人脸需正对镜头，宽度至少 20 像素。',
  wholePicture: '没有找到人脸，因此把整张图片当作人脸。',
  turnedAway: '脸偏向一侧，表情难以识别。',
  chooseFace: '有多张人脸，请点选要识别的一张。',
  face: (number, name) => `人脸 ${number}：${name}`,
  copy: (emoticon) => `复制 ${emoticon}`,
  copied: (emoticon) => `已复制 ${emoticon}`,
  notCopied: '浏览器不允许复制。',
  says: (name, chance) => `${name}，${chance}`,
  tryAgain: '重试',
  names: {
    angry: '愤怒',
    disgust: '厌恶',
    fear: '恐惧',
    happy: '高兴',
    sad: '悲伤',
    surprise: '惊讶',
    neutral: '平静',
  },
  trouble: {
    refused: ['未获准使用摄像头', '请在浏览器的网站设置中允许，或改用照片。'],
    missing: ['没有找到摄像头', '请连接摄像头后重试，或改用照片。'],
    taken: ['摄像头正被占用', '似乎有其他程序在使用。请关闭后重试，或改用照片。'],
    lost: ['摄像头已断开', '它可能被拔出、关闭，或被其他程序占用。'],
    unsupported: [
      '此浏览器不向网页提供摄像头',
      '应用内置的浏览器常常如此。请用常用浏览器打开本页，或改用照片。',
    ],
    insecure: ['摄像头需要安全连接', '请通过 https 或 localhost 打开，或改用照片。'],
    failed: ['摄像头无法启动', '请重试，或改用照片。'],
    model: ['识别程序加载失败', '请检查网络后重试。'],
    simd: ['浏览器版本过旧', '它没有识别人脸所需的 WebAssembly SIMD；2023 年以来的浏览器都有。'],
    crash: ['识别程序已停止', '查看图片时出了问题。'],
    picture: ['无法打开此图片', '请试试 JPEG 或 PNG 文件。'],
  },
};

export const texts = { en: english, ko: korean, zh: chinese };

const kRemembered = 'mien.language';

/// The language remembered, else the first of the browser's that there is, else English.
export function chooseLanguage(storage, preferred) {
  const remembered = attempt(() => storage().getItem(kRemembered));
  if (Object.hasOwn(texts, remembered ?? '')) return remembered;
  const known = preferred
    .map((tag) => tag.toLowerCase().split('-')[0])
    .find((code) => Object.hasOwn(texts, code));
  return known ?? 'en';
}

export function rememberLanguage(storage, code) {
  attempt(() => storage().setItem(kRemembered, code));
}

/// Puts texts where `data-text` and `data-label` ask for them.
export function fillIn(root, text) {
  for (const element of root.querySelectorAll('[data-text]')) element.textContent = text[element.dataset.text];
  for (const element of root.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', text[element.dataset.label]);
  }
}

// Browsers that block cookies throw at the mere mention of a storage.
function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}
