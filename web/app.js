// The start page: scan a prompt, watch the events. Uses only the public API.
'use strict';

const MAX_EVENTS = 200;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 30000;

const at = (id) => document.getElementById(id);

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) {
    made.className = className;
  }
  return made;
}

// Spans count bytes of UTF-8; overlapping ones are joined.
function joinSpans(threats, length) {
  const spans = threats
    .map((threat) => threat.span)
    .filter((span) => span && span.start < span.end && span.end <= length)
    .map((span) => ({ start: span.start, end: span.end }))
    .sort((a, b) => a.start - b.start);
  const joined = [];
  for (const span of spans) {
    const last = joined[joined.length - 1];
    if (last && span.start <= last.end) {
      last.end = Math.max(last.end, span.end);
    } else {
      joined.push(span);
    }
  }
  return joined;
}

function showMarked(text, threats) {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const target = at('marked');
  target.replaceChildren();
  let done = 0;
  for (const span of joinSpans(threats, bytes.length)) {
    target.append(decoder.decode(bytes.slice(done, span.start)));
    target.append(element('mark', decoder.decode(bytes.slice(span.start, span.end))));
    done = span.end;
  }
  target.append(decoder.decode(bytes.slice(done)));
}

function showThreats(threats) {
  const list = at('threats');
  list.replaceChildren();
  for (const threat of threats) {
    const name = [threat.category, threat.technique].filter(Boolean).join(' / ');
    const facts = ['severity ' + threat.severity];
    if (typeof threat.score === 'number') {
      facts.push('score ' + threat.score.toFixed(2));
    }
    if (threat.rule) {
      facts.push('rule ' + threat.rule);
    }
    list.append(element('li', name + ': ' + facts.join(', ')));
  }
}

function showScan(text, answer) {
  const threats = answer.threats || [];
  at('problem').hidden = true;
  at('result').hidden = false;
  at('verdict').textContent = answer.verdict;
  at('verdict').className = answer.verdict;
  const parts = [];
  if (typeof answer.score === 'number') {
    parts.push('score ' + answer.score.toFixed(2));
  }
  if (typeof answer.elapsed_us === 'number') {
    parts.push(answer.elapsed_us + ' µs');
  }
  at('score').textContent = parts.join(' · ');
  showMarked(text, threats);
  showThreats(threats);
}

function showProblem(message, needsKey) {
  at('result').hidden = true;
  at('problem').hidden = false;
  at('problem').textContent = message;
  if (needsKey) {
    at('key-box').open = true;
    at('key').focus();
  }
}

async function scan(text) {
  const headers = { 'Content-Type': 'application/json' };
  const key = at('key').value.trim();
  if (key) {
    headers.Authorization = 'Bearer ' + key;
  }
  const reply = await fetch('/v1/guard/scan', {
    method: 'POST',
    headers,
    body: JSON.stringify({ text }),
  });
  const answer = await reply.json();
  if (reply.ok) {
    showScan(text, answer);
  } else {
    const field = answer.field ? answer.field + ' ' : '';
    showProblem(field + answer.detail, reply.status === 401);
  }
}

at('scan-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = event.target.querySelector('button');
  button.disabled = true;
  try {
    await scan(at('text').value);
  } catch (error) {
    showProblem('The server cannot be reached: ' + error.message, false);
  } finally {
    button.disabled = false;
  }
});

// The event feed: resumes after the last seq it saw, backing off while the server is away.
const feed = { lastSeq: null, retryMs: FIRST_RETRY_MS };

function showEvent(event) {
  const row = document.createElement('tr');
  const time = new Date(event.at_us / 1000).toISOString();
  for (const cell of [event.seq, time, event.name, event.actor, JSON.stringify(event.data)]) {
    row.append(element('td', cell));
  }
  const rows = at('events');
  rows.prepend(row);
  while (rows.rows.length > MAX_EVENTS) {
    rows.deleteRow(-1);
  }
}

function receive(message) {
  if (message.type === 'hello') {
    at('feed-state').textContent = 'Live.';
    feed.retryMs = FIRST_RETRY_MS;
    if (feed.lastSeq === null) {
      feed.lastSeq = message.last_seq;
    }
    return;
  }
  feed.lastSeq = message.seq;
  showEvent(message);
}

function connect() {
  const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
  const after = feed.lastSeq === null ? '' : '?after=' + feed.lastSeq;
  const socket = new WebSocket(scheme + location.host + '/v1/events' + after);
  socket.addEventListener('message', (event) => receive(JSON.parse(event.data)));
  socket.addEventListener('close', (event) => {
    const refusedCursor = event.code === 1008;
    if (refusedCursor) {
      feed.lastSeq = null;  // the server's log is a different one now
    }
    const wait = Math.round(feed.retryMs / 1000);
    at('feed-state').textContent =
      'Not connected (a server that asks for keys does not show events here). Trying again in ' +
      wait + ' s.';
    setTimeout(connect, feed.retryMs);
    feed.retryMs = Math.min(feed.retryMs * 2, MAX_RETRY_MS);
  });
}

connect();
