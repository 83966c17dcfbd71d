import { expect, test } from 'vitest';
import type { LogEvent, Node, Point, Workflow } from '../src/api';
import { backoff } from '../src/backoff';
import { keepEvent } from '../src/events';
import { gaugesOf } from '../src/gauges';
import { append, historySeconds, merge, pointOf } from '../src/history';
import { loadOf, shares } from '../src/load';
import { resourceText } from '../src/resources';
import { keepTapped, mostTapped } from '../src/tap';
import { firstWorkflow } from './fake-server.mjs';

const workflow = (): Workflow => firstWorkflow() as Workflow;
const at = (t: number, records_per_s = 0): Point => ({ ...pointOf(workflow()), t, records_per_s });

test('a live point has the time of the server', () => {
  expect(pointOf(workflow()).t).toBe(Date.parse('2026-01-01T00:01:01Z') / 1000);
});

test('one point a second is kept, for 15 minutes', () => {
  let points: Point[] = [];
  for (let t = 1; t <= historySeconds + 50; t++) points = append(append(points, at(t, 1)), at(t, 2));
  expect(points.length).toBe(historySeconds);
  expect(points[0]!.t).toBe(51);
  expect(points.at(-1)!.records_per_s).toBe(2);
  expect(append(points, at(3))).toBe(points);
});

test('history fetched late does not lose what came live', () => {
  expect(merge([at(1), at(2)], [at(2), at(3)]).map((point) => point.t)).toEqual([1, 2, 3]);
  expect(merge([], [at(2)]).map((point) => point.t)).toEqual([2]);
});

test('waits grow from half a second to ten', () => {
  expect([0, 1, 4, 5, 100].map((tries) => backoff(tries, 0))).toEqual([500, 1000, 8000, 10_000, 10_000]);
  expect(backoff(0, 1)).toBe(250);
});

test('an event repeated after a break is shown once, newest first', () => {
  const event = (number: number) => ({ number, time: '', kind: 'restart', node: 'a', cause: '' }) as LogEvent;
  const kept = [1, 3, 2, 3].reduce((known, number) => keepEvent(known, event(number)), [] as LogEvent[]);
  expect(kept.map((each) => each.number)).toEqual([3, 2, 1]);
});

test('the worst about a node names its load', () => {
  const node = (more: Partial<Node>): Node => ({ ...workflow().nodes[1]!, ...more });
  const time = (busy: number, backpressured: number) => ({ busy, backpressured, idle: 1 - busy - backpressured });
  expect(loadOf(node({ state: 'outage', stalled: true }))).toBe('outage');
  expect(loadOf(node({ stalled: true }))).toBe('stalled');
  expect(loadOf(node({ time: time(0.1, 0.8) }))).toBe('backpressured');
  expect(loadOf(node({ time: time(0.98, 0) }))).toBe('busy');
  expect(loadOf(node({ time: time(0.3, 0.1) }))).toBe('working');
  expect(loadOf(node({ time: time(0, 0) }))).toBe('idle');
  expect(shares({ busy: 0.9, backpressured: 0.4, idle: 0 }).backpressured).toBeCloseTo(0.1);
  expect(shares({ busy: Number.NaN, backpressured: -1, idle: 0 })).toEqual({ busy: 0, backpressured: 0 });
});

test('gauges say what the API says', () => {
  const text = Object.fromEntries(gaugesOf(workflow(), []).map((gauge) => [gauge.key, gauge.text]));
  expect(text).toEqual({ rate: '812/s', latency: '1.2 · 3.4 ms', errors: '0.1 %', queue: '1,234', workers: '7 of 10' });
  const quiet = { ...workflow(), rates: { ...workflow().rates, latency_ms: null, workers_max: 0 } };
  for (const gauge of gaugesOf(quiet, [])) expect(gauge.share).toBeGreaterThanOrEqual(0);
});

test('resources say what they are at', () => {
  expect(workflow().resources!.map(resourceText)).toEqual([
    '19 of 20 connections in use, 1 idle, 3 wait, wait p50 · p99 0.2 · 12 ms, 2 gave up',
    '90 entries, 1 MiB, 90 % hits of 1,000',
  ]);
});

test('of a tap the newest records are kept, and so many at most', () => {
  const record = (n: number) => ({ id: String(n), node: 'a', time: '', payload: '', truncated: false });
  let kept: ReturnType<typeof record>[] = [];
  for (let n = 0; n < mostTapped + 10; n++) kept = keepTapped(kept, record(n)) as typeof kept;
  expect(kept.length).toBe(mostTapped);
  expect(kept[0]!.id).toBe(String(mostTapped + 9));
});
