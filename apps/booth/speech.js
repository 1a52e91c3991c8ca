// What screen readers are told: politely, when something has changed, and not more often than one can listen.

const kInterval = 3000; // milliseconds

export class Announcer {
  constructor(element, interval = kInterval) {
    this.element = element;
    this.interval = interval;
    this.next = null;
    this.said = null;
    this.last = -Infinity;
  }

  /// Nothing is said twice in a row about one `subject`, whatever the text: chances change with every frame.
  say(text, subject = text) {
    this.next = { text, subject };
    if (this.timer) return;
    const wait = Math.max(0, this.last + this.interval - performance.now());
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.next.subject === this.said?.subject) return;
      this.said = this.next;
      this.last = performance.now();
      this.element.textContent = this.said.text;
    }, wait);
  }
}

/// A short word at the edge of the screen, which screen readers hear as well.
export class Toast {
  constructor(element) {
    this.element = element;
  }

  show(text) {
    clearTimeout(this.timer);
    this.element.textContent = text;
    this.element.classList.add('shown');
    this.timer = setTimeout(() => {
      this.element.classList.remove('shown');
      this.element.textContent = '';
    }, 1800);
  }
}
