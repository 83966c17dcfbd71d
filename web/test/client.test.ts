import { afterEach, expect, test, vi } from 'vitest';
import type { LogEvent, Workflow } from '../src/api';
import { Client, type Status } from '../src/client';
import { firstCluster, firstWorkflow, noCluster } from './fake-server.mjs';

type Call = { path: string; headers: Headers };

/** A client whose server answers with these, one after the other; then it is gone. */
function play(answers: (() => Response)[], stored: Record<string, string> = {}) {
  const calls: Call[] = [];
  const seen = { statuses: [] as Status[], workflows: [] as Workflow[], events: [] as LogEvent[], restarts: 0 };
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    calls.push({ path, headers: new Headers(init.headers) });
    const answer = answers.shift();
    if (!answer) throw new TypeError('connection refused');
    return answer();
  });
  const storage = {
    getItem: (key: string) => stored[key] ?? null,
    setItem: (key: string, value: string) => void (stored[key] = value),
    removeItem: (key: string) => void delete stored[key],
  };
  const client = new Client(
    {
      status: (status) => seen.statuses.push(status),
      workflow: (workflow) => seen.workflows.push(workflow),
      event: (event) => seen.events.push(event),
      restarted: () => seen.restarts++,
      opened: () => undefined,
    },
    'api/v1/',
    storage,
  );
  return { client, calls, seen, stored };
}

const stream = (...parts: string[]) => () => new Response(parts.join(''));
const workflow = (started: string) => `event: workflow\ndata: ${JSON.stringify({ ...firstWorkflow(), started })}\n\n`;
const log = (number: number) => `id: ${number}\nevent: log\ndata: {"number":${number}}\n\n`;

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('after a break it goes on behind the last event it saw', async () => {
  vi.useFakeTimers();
  const { client, calls, seen } = play([stream(workflow('a'), log(1), log(2)), stream(log(3))]);
  const run = client.run();
  await vi.advanceTimersByTimeAsync(600);
  expect(seen.statuses.slice(0, 4)).toEqual(['connecting', 'live', 'disconnected', 'live']);
  expect(calls[0]!.headers.get('Last-Event-ID')).toBe(null);
  expect(calls[1]!.headers.get('Last-Event-ID')).toBe('2');
  expect(seen.events.map((event) => event.number)).toEqual([1, 2, 3]);
  client.stop();
  await run;
});

test('a server that is gone is tried again, less and less often', async () => {
  vi.useFakeTimers();
  const { client, calls } = play([]);
  const run = client.run();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(calls.length).toBeGreaterThan(8);
  expect(calls.length).toBeLessThan(24);
  client.stop();
  await run;
});

test('a new server is read from its first event on', async () => {
  vi.useFakeTimers();
  const { client, calls, seen } = play([stream(workflow('a'), log(8)), stream(workflow('b')), stream(log(1), workflow('b'))]);
  const run = client.run();
  await vi.advanceTimersByTimeAsync(600);
  expect(seen.restarts).toBe(1);
  expect(calls.slice(0, 3).map((call) => call.headers.get('Last-Event-ID'))).toEqual([null, '8', null]);
  expect(seen.events.map((event) => event.number)).toEqual([8, 1]);
  client.stop();
  await run;
});

test('a token is asked for, sent, and kept for the tab', async () => {
  vi.useFakeTimers();
  const refused = () => new Response('{"error":"no token"}', { status: 401 });
  const { client, calls, seen, stored } = play([refused, stream(workflow('a'))]);
  const run = client.run();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(seen.statuses).toEqual(['connecting', 'token needed']);
  expect(calls.length).toBe(1);
  client.setToken('secret');
  await vi.advanceTimersByTimeAsync(100);
  expect(calls[1]!.headers.get('Authorization')).toBe('Bearer secret');
  expect(stored).toEqual({ 'weir-token': 'secret' });
  client.stop();
  await run;
});

test('a silent connection counts as broken', async () => {
  vi.useFakeTimers();
  const { client, seen } = play([]);
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    const body = new ReadableStream({ start: (out) => init.signal!.addEventListener('abort', () => out.error(new Error('aborted'))) });
    return Promise.resolve(new Response(body));
  });
  const run = client.run();
  await vi.advanceTimersByTimeAsync(8100);
  expect(seen.statuses).toEqual(['connecting', 'live', 'disconnected']);
  client.stop();
  await run;
});

test('what a command answers is handed on, in the words of the server', async () => {
  const { client } = play([
    () => new Response('{"state":"paused"}', { status: 202 }),
    () => new Response('{"error":"it has ended (workflow): start it anew"}', { status: 409 }),
  ]);
  expect(await client.command('pause')).toBe('paused');
  await expect(client.command('drain')).rejects.toThrow('it has ended (workflow): start it anew');
});

test('a run without a cluster is none, not a failure', async () => {
  const { client, calls } = play([
    () => new Response(JSON.stringify(firstCluster())),
    () => new Response(JSON.stringify(noCluster())),
    () => new Response('{"error":"there is no /api/v1/cluster"}', { status: 404 }),
    () => new Response('{"error":"busy"}', { status: 503 }),
  ]);
  expect(await client.cluster()).toEqual(firstCluster());
  expect(await client.cluster()).toBe(null);
  expect(await client.cluster()).toBe(null);
  await expect(client.cluster()).rejects.toThrow('busy');
  expect(calls[0]!.path).toBe('api/v1/cluster');
});

test('a replay says which letters it wants, and hands on what became of them', async () => {
  const bodies: unknown[] = [];
  const { client } = play([]);
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    bodies.push([path, init.method, init.body]);
    return new Response('{"replayed":["a:1"],"refused":[{"id":"a:2","node":"n","why":"gone"}]}');
  });
  expect(await client.replay({ ids: ['a:1', 'a:2'], node: 'n' })).toEqual({
    replayed: ['a:1'],
    refused: [{ id: 'a:2', node: 'n', why: 'gone' }],
  });
  await client.replay();
  expect(bodies).toEqual([
    ['api/v1/dead-letters/replay', 'POST', '{"ids":["a:1","a:2"],"node":"n"}'],
    ['api/v1/dead-letters/replay', 'POST', undefined],
  ]);
});

test('a tap hands on records as they come, and nothing else', async () => {
  const record = { id: 'a:1', node: 'x/y', time: '', payload: 'text', truncated: false };
  const { client, calls } = play([stream('event: record\ndata: ', `${JSON.stringify(record)}\n\n:\n\n`, 'event: record\ndata: {broken\n\n')]);
  const seen: unknown[] = [];
  await client.tap('x/y', (each) => seen.push(each), new AbortController().signal);
  expect(seen).toEqual([record]);
  expect(calls[0]!.path).toBe('api/v1/nodes/x%2Fy/tap');
});
