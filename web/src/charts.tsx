import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Point } from './api';
import { count, milliseconds, percent, rate } from './format';
import type { Theme } from './theme';

type Line = { name: string; colour: string; dash?: number[]; read: (point: Point) => number | null };
type Chart = { key: string; name: string; unit: (value: number | null | undefined) => string; lines: Line[] };

const charts: Chart[] = [
  { key: 'rate', name: 'Records a second', unit: rate, lines: [{ name: '', colour: '--blue', read: (p) => p.records_per_s }] },
  {
    key: 'latency',
    name: 'Latency',
    unit: milliseconds,
    lines: [
      { name: 'p50', colour: '--blue', read: (p) => p.p50_ms },
      { name: 'p99', colour: '--orange', dash: [6, 3], read: (p) => p.p99_ms },
    ],
  },
  { key: 'errors', name: 'Error rate', unit: percent, lines: [{ name: '', colour: '--red', read: (p) => p.error_ratio }] },
  { key: 'queue', name: 'Queue', unit: count, lines: [{ name: '', colour: '--green', read: (p) => p.queue_records }] },
  {
    key: 'workers',
    name: 'Workers',
    unit: count,
    lines: [
      { name: 'busy', colour: '--blue', read: (p) => p.workers_busy },
      { name: 'all', colour: '--orange', dash: [6, 3], read: (p) => p.workers },
    ],
  },
];

const height = 140;

/** Changes where the system turns dark or light. */
function useDark(): boolean {
  const query = useMemo(() => matchMedia('(prefers-color-scheme: dark)'), []);
  const [dark, setDark] = useState(query.matches);
  useEffect(() => {
    const change = () => setDark(query.matches);
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, [query]);
  return dark;
}

export function Charts({ points, theme }: { points: Point[]; theme: Theme }) {
  const dark = useDark();
  return (
    <div class="charts">
      {charts.map((chart) => (
        <TimeSeries key={chart.key} chart={chart} points={points} look={`${theme} ${dark}`} />
      ))}
    </div>
  );
}

function columns(chart: Chart, points: Point[]): uPlot.AlignedData {
  return [points.map((point) => point.t), ...chart.lines.map((line) => points.map(line.read))] as uPlot.AlignedData;
}

function TimeSeries({ chart, points, look }: { chart: Chart; points: Point[]; look: string }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);

  useEffect(() => {
    const here = place.current!;
    plot.current = new uPlot(options(chart, here.clientWidth || 300), columns(chart, points), here);
    const watch = new ResizeObserver(() => {
      const width = here.clientWidth;
      if (width > 0) plot.current?.setSize({ width, height });
    });
    watch.observe(here);
    return () => {
      watch.disconnect();
      plot.current?.destroy();
    };
  }, [chart, look]);

  useEffect(() => plot.current?.setData(columns(chart, points)), [points]);

  const last = points.at(-1);
  const now = chart.lines.map((line) => `${line.name} ${last ? chart.unit(line.read(last)) : '–'}`.trim());
  return (
    <figure class="chart">
      <figcaption>
        {chart.name}{' '}
        {chart.lines.map((line, index) => (
          <span key={line.name} class="now">
            <span class={line.dash ? 'stroke dashed' : 'stroke'} style={{ borderColor: `var(${line.colour})` }} /> {now[index]}
          </span>
        ))}
      </figcaption>
      <div ref={place} class="plot" role="img" aria-label={`${chart.name}, last 15 minutes; now ${now.join(', ')}`} />
    </figure>
  );
}

function options(chart: Chart, width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour('--soft'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '11px sans-serif' };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } },
    axes: [
      { ...axis, size: 26, space: 60, values: '{HH}:{mm}' as never },
      { ...axis, size: 58, space: 24, values: (_, ticks) => ticks.map((tick) => chart.unit(tick)) },
    ],
    series: [
      {},
      ...chart.lines.map((line) => ({
        label: line.name || chart.name,
        stroke: colour(line.colour),
        width: 1.75,
        dash: line.dash,
        points: { show: false },
      })),
    ],
  };
}
