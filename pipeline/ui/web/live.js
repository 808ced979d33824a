// Keeps the live page up to date: takes the server's events, changes only what differs, animates the charts.

const connection = document.getElementById('connection');
const answer = document.getElementById('answer');
const hold = document.getElementById('hold');
const chartsOnly = document.getElementById('charts-only');
const pause = document.getElementById('pause');
const rate = document.getElementById('rate');

/** By query: the drawn charts, and the newest options that are not drawn yet. */
const charts = new Map();
const waiting = new Map();
/** The newest event of each answer and of the status while the page is held still. */
const heldEvents = new Map();

const isHeld = () => hold.getAttribute('aria-pressed') === 'true';

// --- Events of the server -------------------------------------------------------------------------------------

/** A connection is dead after so long without an event: a sign of life comes every second. */
const silenceMilliseconds = 15_000;
let events = null;
let silenceTimer = 0;
let hasEnded = false;

function connect() {
  events?.close();
  events = new EventSource('api/events');
  events.addEventListener('open', () => {
    hasEnded = false;
    say(connection, 'Connected: what you see is now.', 'running');
    expectEvent();
  });
  events.addEventListener('answer', ({ data }) => take(JSON.parse(data)));
  events.addEventListener('status', ({ data }) => take(JSON.parse(data)));
  events.addEventListener('end', () => {
    hasEnded = true;
  });
  events.addEventListener('error', () => {
    const reason = hasEnded ? 'The run has ended.' : 'The connection is lost.';
    say(
      connection,
      `${reason} These are its last numbers; the page goes on by itself when it is back.`,
      'waiting',
    );
    // The browser does not reconnect after a refusal; this does.
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(connect, 2000);
    }
  });
}

function expectEvent() {
  clearTimeout(silenceTimer);
  silenceTimer = setTimeout(connect, silenceMilliseconds);
}

function take(event) {
  expectEvent();
  if (isHeld()) {
    heldEvents.set(event.name ?? '', event);
  } else {
    show(event);
  }
}

function show(event) {
  if (event.name !== undefined) {
    showAnswer(event);
  } else {
    showStatus(event);
  }
}

function showAnswer({ name, html, charts: options }) {
  const card = document.getElementById(name);
  if (card === null) {
    return;
  }
  patch(card, parsed(html).firstElementChild);
  waiting.set(name, options);
  const element = document.getElementById(`chart-${name}`);
  const chart = charts.get(name);
  if (chart !== undefined && chart.element !== element) {
    chart.end();
    charts.delete(name);
  }
  if (element !== null && !charts.has(name)) {
    charts.set(name, drawnChart(element));
    visibility.observe(element);
    drawWaiting(name);
  } else if (isVisible(element)) {
    drawWaiting(name);
  }
}

function drawWaiting(name) {
  const chart = charts.get(name);
  chart?.draw(waiting.get(name), isVisible(chart.element));
  waiting.delete(name);
}

/** Animates visible charts, and draws the others once a second: nine animations are much for a phone. */
const visibility = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    target.dataset.inSight = String(isIntersecting);
  }
});
const isVisible = (element) => element?.dataset.inSight === 'true';
const drawAllWaiting = () => [...waiting.keys()].forEach(drawWaiting);
setInterval(drawAllWaiting, 1000);
addEventListener('beforeprint', drawAllWaiting);

function showStatus({ status, html }) {
  for (const [id, part] of Object.entries(html)) {
    const element = document.getElementById(id);
    if (element !== null) {
      patchChildren(element, parsed(part));
    }
  }
  if (pause !== null && status.emulator !== null) {
    pause.setAttribute('aria-pressed', String(status.emulator.paused));
    rate.elements.rate.defaultValue = String(status.emulator.askedRate);
  }
}

// --- Actions of the reader -------------------------------------------------------------------------------------

hold.addEventListener('click', () => {
  hold.setAttribute('aria-pressed', String(!isHeld()));
  if (!isHeld()) {
    for (const event of heldEvents.values()) {
      show(event);
    }
    heldEvents.clear();
  }
});

/** Hides the tables, so that all answers fit on one large screen. */
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
  control({ action }, action === 'pause' ? 'The emulator is paused.' : 'The emulator goes on.');
});

rate?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const asked = rate.elements.rate.valueAsNumber;
  await control({ action: 'rate', rate: asked }, `The emulator now sends ${asked} posts a second.`);
});

async function control(request, done) {
  try {
    const response = await fetch('api/emulator', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    const reply = await response.json();
    if (response.ok) {
      pause.setAttribute('aria-pressed', String(reply.paused));
    }
    say(answer, response.ok ? done : reply.message);
  } catch (error) {
    say(answer, `That did not reach the server: ${error.message}.`);
  }
}

// --- The page -------------------------------------------------------------------------------------------------

/** Sets text only when it differs, because screen readers announce each change. */
function say(element, text, state) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
  if (state !== undefined) {
    element.className = `state ${state}`;
  }
}

/** Parses the server's HTML, in which untrusted strings are escaped already. */
function parsed(html) {
  const template = document.createElement('template');
  template.innerHTML = html.trim();
  return template.content;
}

/** Makes one node like another. Focus, scroll positions and drawn charts stay. */
function patch(before, after) {
  if (before.nodeName !== after.nodeName || before.id !== after.id) {
    before.replaceWith(after);
  } else if (before.nodeType === Node.TEXT_NODE) {
    if (before.data !== after.data) {
      before.data = after.data;
    }
  } else if (before.classList.contains('chart')) {
    before.setAttribute('aria-label', after.getAttribute('aria-label'));
    before.style.height = after.style.height;
  } else {
    for (const { name } of [...before.attributes]) {
      if (!after.hasAttribute(name)) {
        before.removeAttribute(name);
      }
    }
    for (const { name, value } of after.attributes) {
      if (before.getAttribute(name) !== value) {
        before.setAttribute(name, value);
      }
    }
    patchChildren(before, after);
  }
}

function patchChildren(before, after) {
  const wanted = [...after.childNodes];
  for (const [index, node] of wanted.entries()) {
    const existing = before.childNodes[index];
    if (existing === undefined) {
      before.append(node);
    } else {
      patch(existing, node);
    }
  }
  while (before.childNodes.length > wanted.length) {
    before.lastChild.remove();
  }
}

connect();
