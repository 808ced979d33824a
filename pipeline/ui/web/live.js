// Keeps the live page as the server says it is: takes its events, changes only what differs, moves the charts.

const connection = document.getElementById('connection');
const answer = document.getElementById('answer');
const hold = document.getElementById('hold');
const chartsOnly = document.getElementById('charts-only');
const pause = document.getElementById('pause');
const rate = document.getElementById('rate');

/** By query: the chart that is drawn, and the newest options of those that are not drawn yet. */
const charts = new Map();
const waiting = new Map();
/** While the page is held still: the newest news of each thing. */
const heldBack = new Map();

const isHeld = () => hold.getAttribute('aria-pressed') === 'true';

// --- What the server says -------------------------------------------------------------------------------------

/** Nothing for so long, though a sign of life comes every second: the connection is dead, whatever it says. */
const silenceMilliseconds = 15_000;
let events = null;
let silence = 0;
let hasEnded = false;

function connect() {
  events?.close();
  events = new EventSource('api/events');
  events.addEventListener('open', () => {
    hasEnded = false;
    say(connection, 'Connected: what you see is now.', 'running');
    listenOn();
  });
  events.addEventListener('answer', ({ data }) => take(JSON.parse(data)));
  events.addEventListener('status', ({ data }) => take(JSON.parse(data)));
  events.addEventListener('end', () => {
    hasEnded = true;
  });
  events.addEventListener('error', () => {
    const why = hasEnded ? 'The run has ended.' : 'The connection is lost.';
    say(
      connection,
      `${why} These are its last numbers; the page goes on by itself when it is back.`,
      'waiting',
    );
    // An answer that was none of ours, such as a refusal, is final for the browser, not for us.
    if (events.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
  });
}

function listenOn() {
  clearTimeout(silence);
  silence = setTimeout(connect, silenceMilliseconds);
}

function take(news) {
  listenOn();
  if (isHeld()) {
    heldBack.set(news.name ?? '', news);
  } else {
    show(news);
  }
}

function show(news) {
  if (news.name !== undefined) {
    showAnswer(news);
  } else {
    showStatus(news);
  }
}

function showAnswer({ name, html, charts: options }) {
  const card = document.getElementById(name);
  if (card === null) return;
  patch(card, parsed(html).firstElementChild);
  waiting.set(name, options);
  const place = document.getElementById(`chart-${name}`);
  const chart = charts.get(name);
  if (chart !== undefined && chart.place !== place) {
    chart.end();
    charts.delete(name);
  }
  if (place !== null && !charts.has(name)) {
    charts.set(name, drawnChart(place));
    inSight.observe(place);
    drawWaiting(name);
  } else if (isInSight(place)) {
    drawWaiting(name);
  }
}

function drawWaiting(name) {
  const chart = charts.get(name);
  chart?.draw(waiting.get(name), isInSight(chart.place));
  waiting.delete(name);
}

/** Charts move where someone can see them, and are drawn elsewhere once a second: nine that move are much for a phone. */
const inSight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) target.dataset.inSight = String(isIntersecting);
});
const isInSight = (place) => place?.dataset.inSight === 'true';
const drawAllWaiting = () => [...waiting.keys()].forEach(drawWaiting);
setInterval(drawAllWaiting, 1000);
addEventListener('beforeprint', drawAllWaiting);

function showStatus({ status, html }) {
  for (const [id, part] of Object.entries(html)) {
    const place = document.getElementById(id);
    if (place !== null) patchChildren(place, parsed(part));
  }
  if (pause !== null && status.emulator !== null) {
    pause.setAttribute('aria-pressed', String(status.emulator.paused));
    rate.elements.rate.defaultValue = String(status.emulator.askedRate);
  }
}

// --- What the reader does -------------------------------------------------------------------------------------

hold.addEventListener('click', () => {
  hold.setAttribute('aria-pressed', String(!isHeld()));
  if (!isHeld()) {
    for (const news of heldBack.values()) show(news);
    heldBack.clear();
  }
});

/** Without tables all answers fit on one large screen. */
function showChartsOnly(only) {
  document.body.classList.toggle('charts-only', only);
  chartsOnly.setAttribute('aria-pressed', String(only));
}
chartsOnly.addEventListener('click', () =>
  showChartsOnly(chartsOnly.getAttribute('aria-pressed') !== 'true'),
);
showChartsOnly(matchMedia('(width >= 120rem)').matches);

pause?.addEventListener('click', () => {
  const action = pause.getAttribute('aria-pressed') === 'true' ? 'resume' : 'pause';
  steer({ action }, action === 'pause' ? 'The emulator is paused.' : 'The emulator goes on.');
});

rate?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const asked = rate.elements.rate.valueAsNumber;
  await steer({ action: 'rate', rate: asked }, `The emulator now sends ${asked} posts a second.`);
});

async function steer(request, done) {
  try {
    const response = await fetch('api/emulator', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    const told = await response.json();
    if (response.ok) {
      pause.setAttribute('aria-pressed', String(told.paused));
    }
    say(answer, response.ok ? done : told.message);
  } catch (error) {
    say(answer, `That did not reach the server: ${error.message}.`);
  }
}

// --- The page -------------------------------------------------------------------------------------------------

/** Text that is read aloud is set only when it is another one. */
function say(place, text, state) {
  if (place.textContent !== text) place.textContent = text;
  if (state !== undefined) place.className = `state ${state}`;
}

/** The server's HTML, in which all that anybody wrote is escaped already. */
function parsed(html) {
  const template = document.createElement('template');
  template.innerHTML = html.trim();
  return template.content;
}

/** Makes one node like another and leaves alone what is: focus, places of scrolling and drawn charts stay. */
function patch(before, after) {
  if (before.nodeName !== after.nodeName || before.id !== after.id) {
    before.replaceWith(after);
  } else if (before.nodeType === Node.TEXT_NODE) {
    if (before.data !== after.data) before.data = after.data;
  } else if (before.classList.contains('chart')) {
    before.setAttribute('aria-label', after.getAttribute('aria-label'));
    before.style.height = after.style.height;
  } else {
    for (const { name } of [...before.attributes]) {
      if (!after.hasAttribute(name)) before.removeAttribute(name);
    }
    for (const { name, value } of after.attributes) {
      if (before.getAttribute(name) !== value) before.setAttribute(name, value);
    }
    patchChildren(before, after);
  }
}

function patchChildren(before, after) {
  const wanted = [...after.childNodes];
  for (const [place, node] of wanted.entries()) {
    const there = before.childNodes[place];
    if (there === undefined) before.append(node);
    else patch(there, node);
  }
  while (before.childNodes.length > wanted.length) before.lastChild.remove();
}

connect();
