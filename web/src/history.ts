// The last 15 minutes: what /api/v1/history answered, then one point a second from live figures.
import type { Point, Workflow } from './api';

export const historySeconds = 15 * 60;

/** The time is the server's, as that of the history is: the clock here may differ. */
export function pointOf(workflow: Workflow): Point {
  const { rates } = workflow;
  const now = Date.parse(workflow.started) / 1000 + workflow.up_s;
  return {
    t: Math.floor(Number.isFinite(now) ? now : Date.now() / 1000),
    records_per_s: rates.records_per_s,
    p50_ms: rates.latency_ms?.p50 ?? null,
    p99_ms: rates.latency_ms?.p99 ?? null,
    error_ratio: rates.error_ratio,
    queue_records: rates.queue_records,
    workers_busy: rates.workers_busy,
    workers: rates.workers,
  };
}

/** Adds a point; one of the same second replaces it, older ones are ignored, old ones fall out. */
export function append(points: Point[], point: Point): Point[] {
  const last = points.at(-1);
  if (last && point.t < last.t) return points;
  const kept = last && last.t === point.t ? points.slice(0, -1) : points.slice();
  kept.push(point);
  const oldest = point.t - historySeconds;
  const first = kept.findIndex((each) => each.t > oldest);
  return first > 0 ? kept.slice(first) : kept;
}

/** Puts a fetched history before what came live meanwhile. */
export function merge(fetched: Point[], live: Point[]): Point[] {
  const end = fetched.at(-1)?.t ?? -Infinity;
  return live.filter((point) => point.t > end).reduce(append, fetched.slice(-historySeconds));
}
