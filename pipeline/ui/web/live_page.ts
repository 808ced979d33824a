/** The live page as HTML, as it is when opened. */
import { type AnswerRows, answersSection } from './answer_cards.ts';
import { htmlDocument } from './document.ts';
import { escapeHtml } from './html.ts';
import type { LiveStatus } from './live_source.ts';
import { statusParts } from './live_status_html.ts';

/**
 * Allows the page its own styles and scripts and nothing else. Style attributes are allowed because ECharts writes its
 * tooltips with them.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page with the numbers of this moment, so that browsers without JavaScript show them too. */
export function livePage(answers: readonly AnswerRows[], status: LiveStatus): string {
  const parts = statusParts(status);
  const part = (id: string) => parts[id] ?? '';
  return htmlDocument({
    title: 'Pinterest pipeline: live',
    head: `<link rel="stylesheet" href="style.css">
<script src="echarts.js" defer></script>
<script src="live.js" defer></script>`,
    body: `<header class="live">
<div>
<h1>What the posts say</h1>
<p>Answers that are right after every post.</p>
</div>
<div class="states">
<p role="status"><span id="connection" class="state waiting">Not connected: this page shows how things were when it was opened.</span></p>
<p role="status" id="stream">${part('stream')}</p>
</div>
</header>
<main>
<section class="now" aria-labelledby="now-heading">
<h2 id="now-heading" class="unseen">Now</h2>
${controls(status, part('emulator'))}
<dl class="facts" id="facts">
${part('facts')}
</dl>
<div id="verdict">${part('verdict')}</div>
</section>
${answersSection(answers)}
<section aria-labelledby="events-heading">
<h2 id="events-heading">Events and shards</h2>
<div class="cards tables" id="details">
${part('details')}
</div>
</section>
<section id="comparison">${part('comparison')}</section>
</main>`,
  });
}

/** The buttons that hold the page still, and those that control an emulator in the same process. */
function controls({ emulator }: LiveStatus, emulatorState: string): string {
  const emulatorControls =
    emulator === null
      ? ''
      : `<button type="button" id="pause" aria-pressed="${emulator.paused}">Pause the emulator</button>
<form id="rate" novalidate>
<label for="rate-field">Posts a second</label>
<input id="rate-field" name="rate" type="number" inputmode="decimal" min="0.1" max="10000" step="any" required value="${escapeHtml(String(emulator.askedRate))}">
<button>Set</button>
</form>
<p class="note" id="emulator">${emulatorState}</p>`;
  return `<div class="controls">
${emulatorControls}
<button type="button" id="hold" aria-pressed="false">Hold the page still</button>
<button type="button" id="charts-only" aria-pressed="false">Charts only</button>
<p class="note" id="answer" role="status"></p>
</div>`;
}
