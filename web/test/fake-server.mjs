// A stand-in for the admin server: serves the built page under the real content security policy, and
// figures that a test sets and changes.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; " +
  "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.txt': 'text/plain; charset=utf-8' };

const node = (id, role, more = {}) => ({
  id, role, state: 'running', cause: '', stalled: false,
  received_per_s: 812.4, sent_per_s: 812.4, errors_per_s: 0, received: 48213, sent: 48213, delivered: 0,
  filtered: 0, errors: 0, retries: 0, timeouts: 0, restarts: 0, dead_letters: 0, queue_records: 0, queue_bytes: 0,
  time: { busy: 0.2, idle: 0.8, backpressured: 0 },
  task_ms: { p50: 0.4, p99: 1.1 }, latency_ms: null,
  workers: { min: 1, max: 1, now: 1, busy: 1, hung: 0 },
  worker_list: [{ index: 0, state: 'busy', task_age_s: 0.01, restarts: 0 }],
  progress: null,
  ...more,
});

const edge = (from, to, more = {}) => ({
  from, port: '', to, records: 48213, records_per_s: 812.4, in_flight: 1, window: 4, keyed: false, ...more,
});

/** What GET /api/v1/workflow answers at first. */
export function firstWorkflow() {
  return {
    workflow: 'review-stream', state: 'running', version: '0.1.0', started: '2026-01-01T00:00:00Z', up_s: 61.2, ready: true,
    rates: {
      records_per_s: 812.4, error_ratio: 0.001, latency_ms: { p50: 1.2, p95: 2.0, p99: 3.4 },
      queue_records: 1234, queue_bytes: 345678, workers_busy: 7, workers: 10, workers_max: 12,
    },
    progress: { done: 48213, total: 100000, eta_s: 64 },
    warnings: ['store holds back 3 of 4 edges'],
    culprit: { node: 'store', reason: 'store: 98 % busy, 1 of 1 workers; raise --batch or add a sink' },
    limits: [{ node: 'store', score: 0.98, reason: 'store: 98 % busy' }, { node: 'analyze', score: 0.61, reason: 'analyze: 61 % busy' }],
    nodes: [
      node('reviews', 'source', { received: 0, received_per_s: 0, time: { busy: 0.1, idle: 0.1, backpressured: 0.8 } }),
      node('language', 'step', { time: { busy: 0.22, idle: 0.6, backpressured: 0.18 } }),
      node('analyze', 'step', {
        errors: 41, errors_per_s: 0.8, retries: 12, restarts: 1, dead_letters: 2,
        time: { busy: 0.61, idle: 0.09, backpressured: 0.3 },
        workers: { min: 2, max: 8, now: 4, busy: 3, hung: 0 },
        worker_list: [0, 1, 2, 3].map((index) => ({
          index, state: index === 3 ? 'idle' : 'busy', task_age_s: 0.02 * (index + 1), restarts: index === 2 ? 1 : 0,
        })),
      }),
      node('respond', 'step', { filtered: 118 }),
      node('store', 'sink', {
        last_failure: { kind: 'error', cause: 'database is locked (reviews.db)', ago_s: 4 },
        sent: 0, sent_per_s: 0, delivered: 48100, queue_records: 1234, queue_bytes: 345678,
        time: { busy: 0.98, idle: 0.02, backpressured: 0 }, latency_ms: { p50: 1.2, p99: 3.4 },
        progress: { done: 48100, total: 100000 },
      }),
      node('alerts', 'sink', { received_per_s: 3.1, sent: 0, sent_per_s: 0, delivered: 190, time: { busy: 0.01, idle: 0.99, backpressured: 0 } }),
    ],
    edges: [
      edge('reviews', 'language', { in_flight: 4 }),
      edge('language', 'analyze', { in_flight: 3 }),
      edge('analyze', 'respond'),
      edge('analyze', 'alerts', { port: 'urgent', records: 190, records_per_s: 3.1, in_flight: 0 }),
      edge('respond', 'store', { in_flight: 4, keyed: true }),
    ],
    resources: [
      {
        kind: 'connection_pool', name: 'database', size: 20, idle: 1, in_use: 19, waiting: 3, waits: 40, timed_out: 2,
        created: 20, lost: 0, abandoned: 0, wait_ms: { p50: 0.2, p99: 12 },
      },
      {
        kind: 'cache', name: 'pages', hits: 900, misses: 90, coalesced: 10, computed: 90, failed: 0, evicted: 0, expired: 0,
        entries: 90, bytes: 1_048_576,
      },
    ],
    memory: { used: 12_582_912, limit: 268_435_456 },
  };
}

const host = (name, more = {}) => ({
  name, version: '0.1.0', state: 'up', incarnation: 1, labels: { host: 'rack-1' }, capacity: 8, workers: 8, workers_busy: 6, load: 0.75,
  links: 1, round_trip_ms: 0.42, bytes_sent: 4_928_307, bytes_received: 6_501_171, up_s: 7442, last_seen_s: 0.2, ...more,
});

/** What GET /api/v1/cluster answers where the run coordinates none. */
export const noCluster = () => ({ name: null, hosts_wanted: 0, begun: true, members: [] });

/** And where it does. */
export function firstCluster() {
  return {
    name: 'weir', hosts_wanted: 3, begun: true,
    members: [
      host('worker-1'),
      host('worker-2', { labels: { gpu: 'a100', host: 'rack-2' }, workers_busy: 8, load: 1, round_trip_ms: 1.3 }),
      host('worker-3', { state: 'leaving', incarnation: 4, workers_busy: 1, load: 0.125, up_s: 65, labels: { host: 'rack-2' } }),
      host('worker-4', { state: 'unlinked', incarnation: 7, workers_busy: 0, load: 0, links: 0, round_trip_ms: null, last_seen_s: 0.9 }),
    ],
  };
}

/** A second goes by: those with a link send and receive. */
function age(cluster) {
  for (const each of cluster.members) {
    each.up_s += 1;
    each.bytes_sent += each.links * 1_572_864;
    each.bytes_received += each.links * 409_600;
  }
}

/** Starts on 127.0.0.1 at `port` (0: any free one). Tests read and change `state`. */
export async function startFakeServer({ folder, port = 0, state = freshState() }) {
  const streams = new Set();
  const taps = new Set();
  const sockets = new Set();
  const say = (response, code, body) => {
    response.writeHead(code, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.end(JSON.stringify(body));
  };
  const sendWorkflow = (response) => response.write(`event: workflow\ndata: ${JSON.stringify(state.workflow)}\n\n`);
  const sendEvent = (response, event) => response.write(`id: ${event.number}\nevent: log\ndata: ${JSON.stringify(event)}\n\n`);

  const commands = { pause: 'paused', resume: 'running', drain: 'draining' };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname.startsWith('/api/v1/')) {
      const call = url.pathname.slice('/api/v1/'.length);
      if (state.token && request.headers.authorization !== `Bearer ${state.token}`) {
        return say(response, 401, { error: 'no token (Authorization): send the one of --admin-token-file' });
      }
      state.calls.push(`${request.method} ${call}`);
      if (request.method === 'POST' && commands[call]) {
        state.workflow.state = commands[call];
        streams.forEach(sendWorkflow);
        return say(response, 202, { state: state.workflow.state });
      }
      if (request.method === 'POST' && call === 'dead-letters/replay') {
        let body = '';
        for await (const piece of request) body += piece;
        state.calls.push(`replay ${body || 'all'}`);
        const asked = body ? JSON.parse(body) : {};
        const wanted = (letter) => (!asked.ids || asked.ids.includes(letter.id)) && (!asked.node || asked.node === letter.node);
        const able = (letter) => wanted(letter) && letter.kind !== 'invalid';
        const refused = state.deadLetters.filter((letter) => wanted(letter) && !able(letter));
        const replayed = state.deadLetters.filter(able);
        state.deadLetters = state.deadLetters.filter((letter) => !able(letter));
        for (const letter of replayed) state.workflow.nodes.find((each) => each.id === letter.node).dead_letters--;
        streams.forEach(sendWorkflow);
        return say(response, 200, {
          replayed: replayed.map((letter) => letter.id),
          refused: refused.map((letter) => ({ id: letter.id, node: letter.node, why: 'its source rejected this input' })),
        });
      }
      if (/^nodes\/[^/]+\/tap$/.test(call)) {
        response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
        const id = decodeURIComponent(call.split('/')[1]);
        const record = { id: 'reviews:7', node: id, time: '2026-01-01T00:01:00Z', payload: '<img src=x onerror="document.title=3">', truncated: true };
        response.write(`event: record\ndata: ${JSON.stringify(record)}\n\n`);
        taps.add(response);
        response.on('close', () => taps.delete(response));
        return undefined;
      }
      if (call === 'workflow') return say(response, 200, state.workflow);
      if (call === 'history') return say(response, 200, { step_s: 1, points: state.history });
      if (call === 'cluster') return say(response, 200, state.cluster);
      if (call === 'dead-letters') return say(response, 200, { dead_letters: state.deadLetters });
      if (call === 'events') {
        response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
        const after = Number(request.headers['last-event-id'] ?? 0);
        state.events.filter((event) => event.number > after).forEach((event) => sendEvent(response, event));
        sendWorkflow(response);
        streams.add(response);
        response.on('close', () => streams.delete(response));
        return undefined;
      }
      return say(response, 404, { error: `unknown call ${call}` });
    }
    const path = normalize(url.pathname === '/' ? '/index.html' : url.pathname);
    try {
      const bytes = await readFile(join(folder, path));
      response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream', 'Content-Security-Policy': policy });
      response.end(bytes);
    } catch {
      response.writeHead(404);
      response.end();
    }
    return undefined;
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const timer = setInterval(() => {
    state.workflow.up_s += 1;
    age(state.cluster);
    streams.forEach(sendWorkflow);
  }, 1000);
  return {
    state,
    /** How many look at records now. */
    taps: () => taps.size,
    port: server.address().port,
    url: `http://127.0.0.1:${server.address().port}/`,
    /** Sends the figures now rather than within a second. */
    publish: () => streams.forEach(sendWorkflow),
    addEvent(event) {
      state.events.push(event);
      streams.forEach((stream) => sendEvent(stream, event));
    },
    async stop() {
      clearInterval(timer);
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Nothing is random or of today, so that screenshots stay as they are. */
export function freshState() {
  const now = Date.parse('2026-01-01T00:01:01Z') / 1000;
  return {
    token: '',
    calls: [],
    workflow: firstWorkflow(),
    cluster: noCluster(),
    history: Array.from({ length: 880 }, (_, i) => ({
      t: now - 880 + i,
      records_per_s: 760 + 60 * Math.sin(i / 60) + 14 * Math.sin(i / 3.1),
      p50_ms: 1.2 + 0.15 * Math.sin(i / 40),
      p99_ms: 3.2 + 0.6 * Math.sin(i / 37) + (i % 300 > 280 ? 2.5 : 0),
      error_ratio: i % 300 > 280 ? 0.004 : 0.001,
      queue_records: 1000 + 300 * Math.sin(i / 50),
      workers_busy: 7 + Math.round(2 * Math.sin(i / 70)),
      workers: 10,
    })),
    events: [
      { number: 1, time: '2026-01-01T00:00:00Z', kind: 'start', node: 'review-stream', cause: 'the workflow runs' },
      { number: 2, time: '2026-01-01T00:00:41Z', kind: 'restart', node: 'analyze', worker: 2, cause: 'the model threw: bad token' },
    ],
    deadLetters: [
      {
        id: 'r-17', node: 'analyze', cause: 'the model threw: bad token', kind: 'error', attempts: 3,
        first_seen: '2026-01-01T00:00:40Z', last_seen: '2026-01-01T00:00:41Z',
        payload: { id: 'r-17', text: '<img src=x onerror="document.title=1"><script>document.title=2</script>' },
      },
      {
        id: 'r-99', node: 'analyze', cause: 'no field text', kind: 'invalid', attempts: 1,
        first_seen: '2026-01-01T00:00:50Z', last_seen: '2026-01-01T00:00:50Z', payload: '{"id":"r-99"}',
      },
    ],
  };
}
