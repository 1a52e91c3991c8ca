// The table of emoticons, data/emoticons.txt: an expression's forms in each style, the best first.

/// Map from expression to { emoji: [...], ascii: [...], kaomoji: [...] }.
export function parseEmoticons(text) {
  const table = new Map();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    // Forms may hold a bar of their own.
    const [, expression, style, forms] = line.match(/^\s*(\S+)\s*\|\s*(\S+)\s*\|\s*(.*\S)\s*$/) ?? [];
    if (!expression) throw new Error(`emoticons.txt: not a line of the table: ${line}`);
    if (!table.has(expression)) table.set(expression, { emoji: [], ascii: [], kaomoji: [] });
    table.get(expression)[style] = forms.split(/\s+/);
  }
  return table;
}

export async function loadEmoticons() {
  const response = await fetch(new URL('emoticons.txt', import.meta.url));
  if (!response.ok) throw new Error(`emoticons.txt: ${response.status}`);
  return parseEmoticons(await response.text());
}

/// What to offer beside the emoticon that is shown large.
export function alternatives(table, expression, shown) {
  const { emoji = [], ascii = [], kaomoji = [] } = table.get(expression) ?? {};
  return [...emoji, ...ascii, ...kaomoji].filter((form) => form !== shown);
}
