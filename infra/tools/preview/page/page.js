// Lineage: a chosen column shows what it is made of, and what is made of it.
const connections = JSON.parse(document.getElementById('lineage-data')?.textContent ?? '[]');
const lineage = document.querySelector('.lineage');
const buttons = new Map(
  Array.from(document.querySelectorAll('.lineage button'), (button) => [button.dataset.id, button]),
);
const words = document.getElementById('lineage-words');
const hint = words?.textContent;
let chosen;

// The connections on all ways from a column, against their direction or along it.
function reached(id, next) {
  const found = new Set();
  const waiting = [id];
  const seen = new Set(waiting);
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const connection of connections) {
      const other = next(connection, at);
      if (other !== undefined) {
        found.add(connection);
        if (!seen.has(other)) {
          seen.add(other);
          waiting.push(other);
        }
      }
    }
  }
  return [...found];
}

function readable(id) {
  const [level, name] = id.split(' ');
  return level === 'rows' ? `the rows of ${name}` : level === 'answer' ? name : `${level} ${name}`;
}

function listed(found, end) {
  const ids = new Map();
  for (const connection of found) {
    const how = connection[2] === 'value' ? [] : connection[2].split(', ');
    ids.set(connection[end], new Set([...(ids.get(connection[end]) ?? []), ...how]));
  }
  const items = [...ids].map(([id, how]) => readable(id) + (how.size > 0 ? ` (${[...how].join(', ')})` : ''));
  return items.length === 0 ? 'nothing' : items.join('; ');
}

// The column of an answer depends on what decides which rows the answer has, too.
function rowsOf(id) {
  const [, answer] = /^answer (.*)\.[^.]*$/.exec(id) ?? [];
  return answer === undefined ? [] : [`rows ${answer}`];
}

function choose(id) {
  chosen = id === chosen ? undefined : id;
  const starts = chosen === undefined ? [] : [chosen, ...rowsOf(chosen)];
  const sources = starts.flatMap((start) =>
    reached(start, ([from, to], at) => (to === at ? from : undefined)),
  );
  const targets = starts.flatMap((start) =>
    reached(start, ([from, to], at) => (from === at ? to : undefined)),
  );
  const related = new Set([...sources, ...targets].flat());
  for (const [own, button] of buttons) {
    button.setAttribute('aria-pressed', String(own === chosen));
    button.classList.toggle('related', own !== chosen && related.has(own));
  }
  words.textContent =
    chosen === undefined
      ? hint
      : `${readable(chosen)}. Made of: ${listed(sources, 0)}. Made of it: ${listed(targets, 1)}.`;
  draw([...sources, ...targets]);
}

function draw(shown) {
  const picture = lineage.querySelector('.connections');
  const origin = lineage.getBoundingClientRect();
  picture.replaceChildren(
    ...shown.flatMap(([from, to]) => {
      const [a, b] = [buttons.get(from)?.getBoundingClientRect(), buttons.get(to)?.getBoundingClientRect()];
      if (a === undefined || b === undefined) {
        return [];
      }
      const [x1, y1] = [a.right - origin.left, (a.top + a.bottom) / 2 - origin.top];
      const [x2, y2] = [b.left - origin.left, (b.top + b.bottom) / 2 - origin.top];
      const bend = Math.max(20, (x2 - x1) / 2);
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      path.setAttribute('d', `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`);
      return [path];
    }),
  );
}

if (lineage !== null) {
  for (const [id, button] of buttons) {
    button.addEventListener('click', () => choose(id));
  }
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape' && chosen !== undefined) {
      choose(chosen);
    }
  });
  new ResizeObserver(() => {
    if (chosen !== undefined) {
      const again = chosen;
      chosen = undefined;
      choose(again);
    }
  }).observe(lineage);
}
