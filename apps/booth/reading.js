// What the chosen face shows: the emoticon, its name, its alternatives, and a bar for each expression.
import { alternatives } from './emoticons.js';

export class Reading {
  /// `onCopy(form)` when somebody wants one.
  constructor(elements, onCopy) {
    Object.assign(this, elements);
    this.onCopy = onCopy;
    this.table = new Map();
    this.rows = new Map();
    this.offered = null;
    this.hero.addEventListener('click', () => this.emoticon.textContent && onCopy(this.emoticon.textContent));
  }

  /// Once, when the table of emoticons is there.
  setTable(table) {
    this.table = table;
    this.offered = null;
  }

  setText(text, language) {
    this.text = text;
    this.percent = new Intl.NumberFormat(language, { style: 'percent' });
    for (const [expression, row] of this.rows) row.name.textContent = this.nameOf(expression);
    this.offered = null;
  }

  nameOf(expression) {
    return this.text.names[expression] ?? expression;
  }

  /// `title` and `hint` stand there where there is no face to read.
  showNobody(title, hint) {
    this.hero.classList.add('empty');
    this.hero.disabled = true;
    this.hero.setAttribute('aria-label', title);
    this.emoticon.textContent = '';
    this.name.textContent = title;
    this.chance.textContent = '';
    this.hint.textContent = hint;
    this.offer(null, []);
    for (const row of this.rows.values()) fill(row, 0, '', false);
    this.bars.classList.add('empty');
  }

  showFace(face, hint) {
    const [emoticon = ''] = face.emoticons;
    this.hero.classList.remove('empty');
    this.hero.disabled = false;
    this.hero.setAttribute('aria-label', this.text.copy(emoticon));
    if (this.emoticon.textContent !== emoticon) this.emoticon.textContent = emoticon;
    this.name.textContent = this.nameOf(face.expression);
    this.chance.textContent = this.percent.format(face.probability);
    this.hint.textContent = hint;
    this.offer(face.expression, alternatives(this.table, face.expression, emoticon));
    this.bars.classList.remove('empty');
    for (const [expression, probability] of Object.entries(face.probabilities)) {
      const row = this.rows.get(expression) ?? this.addRow(expression);
      fill(row, probability, this.percent.format(probability), expression === face.expression);
    }
  }

  /// The empty rows, so that nothing moves when the first face comes.
  prepareRows(expressions) {
    for (const expression of expressions) if (!this.rows.has(expression)) this.addRow(expression);
  }

  addRow(expression) {
    const item = document.createElement('li');
    const [name, track, bar, value] = ['span', 'span', 'span', 'span'].map((tag) =>
      document.createElement(tag),
    );
    name.className = 'label';
    name.textContent = this.nameOf(expression);
    track.className = 'track';
    track.append(bar);
    value.className = 'value';
    item.append(name, track, value);
    this.bars.append(item);
    const row = { item, name, bar, value };
    this.rows.set(expression, row);
    return row;
  }

  // Rebuilt only where it changes: somebody may be about to tap one.
  offer(expression, forms) {
    if (this.offered === expression && expression !== null) return;
    this.offered = expression;
    this.forms.hidden = forms.length === 0;
    this.forms.replaceChildren(
      ...forms.map((form) => {
        const item = document.createElement('li');
        const button = document.createElement('button');
        button.type = 'button';
        button.translate = false;
        button.classList.toggle('emoji', /\p{Extended_Pictographic}/u.test(form));
        button.textContent = form;
        button.setAttribute('aria-label', this.text.copy(form));
        button.addEventListener('click', () => this.onCopy(form));
        item.append(button);
        return item;
      }),
    );
    this.forms.scrollLeft = 0;
  }
}

function fill({ item, bar, value }, probability, text, top) {
  bar.style.transform = `scaleX(${probability.toFixed(3)})`;
  value.textContent = text;
  item.classList.toggle('top', top);
}
