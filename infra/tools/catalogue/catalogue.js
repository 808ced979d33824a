// The search of the catalogue: filters the entries of search_index.js.

const search = document.querySelector('search');
const box = document.getElementById('search');
const results = document.getElementById('results');
const found = document.getElementById('found');
const shown = 30;

const plain = (text) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('_', ' ');
const entries = searchIndex.map((entry) => ({ entry, words: plain(entry.slice(0, 3).join(' ')) }));

function showResults() {
  const asked = plain(box.value).split(/\s+/).filter(Boolean);
  const matching =
    asked.length === 0 ? [] : entries.filter(({ words }) => asked.every((word) => words.includes(word)));
  results.replaceChildren(...matching.slice(0, shown).map(({ entry }) => itemOf(entry)));
  found.textContent = asked.length === 0 ? '' : countOf(matching.length);
}

function countOf(number) {
  if (number === 0) {
    return 'Nothing has all these words.';
  }
  return `${number} found${number > shown ? `, the first ${shown} shown` : ''}`;
}

function itemOf([kind, name, about, href]) {
  const link = document.createElement('a');
  link.href = search.dataset.root + href;
  link.textContent = name;
  const note = document.createElement('small');
  note.textContent = about === '' ? kind : `${kind}: ${about}`;
  const item = document.createElement('li');
  item.append(link, ' ', note);
  return item;
}

box.addEventListener('input', showResults);
addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    box.focus();
  }
  if (event.key === 'Escape' && event.target === box) {
    box.value = '';
    showResults();
  }
});
search.hidden = false;
// A browser that goes back keeps what was written.
showResults();
