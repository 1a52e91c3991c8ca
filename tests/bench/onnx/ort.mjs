// Finds and loads onnxruntime-node, which is installed outside this project.
import { createRequire } from 'node:module';
import path from 'node:path';

/// `folder` holds node_modules/onnxruntime-node.
export function loadOrt(folder) {
  try {
    return createRequire(path.resolve(folder, 'x.js'))('onnxruntime-node');
  } catch (error) {
    throw new Error(`cannot load onnxruntime-node from ${folder} (see README.md here): ${error.message}`);
  }
}

export async function openModel(ort, file, threads) {
  return ort.InferenceSession.create(file, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
}

/// `--name value` and `--flag` after the command word. Only the names in `known` (true: takes a value).
export function parseOptions(words, known) {
  const options = {};
  for (let i = 0; i < words.length; ++i) {
    const name = words[i].replace(/^--/, '');
    if (!words[i].startsWith('--') || !(name in known)) throw new Error(`unknown option ${words[i]}`);
    if (known[name] && i + 1 === words.length) throw new Error(`${words[i]} needs a value`);
    options[name] = known[name] ? words[++i] : true;
  }
  return options;
}
