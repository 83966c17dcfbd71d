import type { Point, Workflow } from './api';
import { bytes, count, milliseconds, millisecondsPair, percent, rate } from './format';

type Gauge = { key: string; name: string; text: string; unit: string; share: number; of: string };

export function gaugesOf(workflow: Workflow, points: Point[]): Gauge[] {
  const { rates } = workflow;
  const peak = (read: (point: Point) => number | null, now: number) =>
    points.reduce((most, point) => Math.max(most, read(point) ?? 0), now);
  const rateMost = peak((point) => point.records_per_s, rates.records_per_s);
  const p50 = rates.latency_ms?.p50 ?? null;
  const p99 = rates.latency_ms?.p99 ?? null;
  const latencyMost = peak((point) => point.p99_ms, p99 ?? 0);
  const queueMost = peak((point) => point.queue_records, rates.queue_records);
  return [
    {
      key: 'rate',
      name: 'Records a second',
      text: rate(rates.records_per_s),
      unit: '',
      share: part(rates.records_per_s, rateMost),
      of: `most in 15 min: ${rate(rateMost)}`,
    },
    {
      key: 'latency',
      name: 'Latency p50 · p99',
      text: millisecondsPair(p50, p99),
      unit: '',
      share: part(p99 ?? 0, latencyMost),
      of: `highest p99: ${milliseconds(latencyMost || null)}`,
    },
    {
      key: 'errors',
      name: 'Error rate',
      text: percent(rates.error_ratio),
      unit: '',
      share: Math.min(1, rates.error_ratio),
      of: 'of all tasks',
    },
    {
      key: 'queue',
      name: 'Queue depth',
      text: count(rates.queue_records),
      unit: bytes(rates.queue_bytes),
      share: part(rates.queue_records, queueMost),
      of: `deepest: ${count(queueMost)}`,
    },
    {
      key: 'workers',
      name: 'Workers active',
      text: `${rates.workers_busy} of ${rates.workers}`,
      unit: '',
      share: part(rates.workers_busy, rates.workers_max),
      of: `at most ${rates.workers_max}`,
    },
  ];
}

function part(value: number, most: number): number {
  return most > 0 ? Math.min(1, value / most) : 0;
}

/** A half circle of radius 40 around 50,50 as a path; its length is 100 by pathLength. */
const arc = 'M10,50 A40,40 0 0 1 90,50';

export function Gauges({ workflow, points }: { workflow: Workflow; points: Point[] }) {
  return (
    <section class="gauges" aria-label="Gauges">
      {gaugesOf(workflow, points).map((gauge) => (
        <div
          key={gauge.key}
          class={`gauge gauge-${gauge.key}`}
          role="meter"
          aria-label={gauge.name}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(gauge.share * 100)}
          aria-valuetext={`${gauge.text} ${gauge.unit}`.trim()}
        >
          <svg viewBox="0 4 100 52" aria-hidden="true">
            <path class="scale" d={arc} pathLength={100} />
            <path class="value" d={arc} pathLength={100} stroke-dasharray={`${(gauge.share * 100).toFixed(1)} 200`} />
          </svg>
          <div class="figures">
            <span class="name">{gauge.name}</span>
            <span class="number" data-test={`gauge-${gauge.key}`}>
              {gauge.text}
            </span>
            <span class="of">{gauge.unit ? `${gauge.unit} · ${gauge.of}` : gauge.of}</span>
          </div>
        </div>
      ))}
    </section>
  );
}
