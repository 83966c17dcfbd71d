import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Edge, Node, Workflow } from './api';
import { count, percent, rate } from './format';
import { fit, nodeHeight, nodeWidth, shapeKey } from './layout';
import { loadOf, shares, type Load } from './load';

const words: Record<Load, string> = {
  outage: 'outage',
  stalled: 'stalled',
  starting: 'starting',
  backpressured: 'held back',
  busy: 'busy',
  working: 'working',
  idle: 'idle',
};

/** The width there is for the graph, followed as it changes. */
function useWidth(place: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(800);
  useLayoutEffect(() => {
    const here = place.current!;
    const measure = () => setWidth(here.clientWidth);
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(here);
    return () => watch.disconnect();
  }, []);
  return width;
}

export function Graph(props: { workflow: Workflow; selected: string | null; onSelect: (id: string) => void }) {
  const { workflow, selected, onSelect } = props;
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const key = shapeKey(workflow);
  const { layout, scale } = useMemo(() => fit(workflow, width), [key, width]);
  return (
    <>
      <div ref={place} class="graph" role="group" aria-label="Nodes of the workflow" tabindex={0}>
        <svg width={layout.width * scale} height={layout.height * scale} viewBox={`0 0 ${layout.width} ${layout.height}`}>
          <Patterns />
          {workflow.edges.map((edge, index) => {
            const placed = layout.edges[index];
            return placed && <EdgeLine key={`${edge.from} ${edge.port} ${edge.to}`} edge={edge} path={placed.path} at={placed.label} />;
          })}
          {workflow.nodes.map((node) => (
            <NodeBox
              key={node.id}
              node={node}
              at={layout.nodes.get(node.id) ?? { x: 0, y: 0 }}
              selected={node.id === selected}
              culprit={node.id === workflow.culprit?.node}
              onSelect={() => onSelect(node.id)}
            />
          ))}
        </svg>
      </div>
      <p class="legend">
        <span class="key busy" /> busy <span class="key backpressured" /> held back by a full edge{' '}
        <span class="key idle" /> idle · edges: records a second, batches in flight of the window
      </p>
    </>
  );
}

function Patterns() {
  return (
    <defs>
      <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch-ground" width="6" height="6" />
        <rect class="hatch-line" width="2.4" height="6" />
      </pattern>
      <marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">
        <path class="arrow" d="M0,0 L8,4 L0,8 z" />
      </marker>
    </defs>
  );
}

function EdgeLine({ edge, path, at }: { edge: Edge; path: string; at: { x: number; y: number } }) {
  const full = edge.window > 0 && edge.in_flight >= edge.window;
  return (
    <g class={full ? 'edge full' : 'edge'} data-edge={`${edge.from}:${edge.to}`}>
      <title>
        {`${edge.from}${edge.port ? `.${edge.port}` : ''} to ${edge.to}: ${count(edge.records)} records${edge.keyed ? ', by key' : ''}`}
      </title>
      <path d={path} marker-end="url(#arrow)" stroke-dasharray={edge.keyed ? '7 3' : undefined} />
      <text x={at.x} y={at.y - 5}>
        {rate(edge.records_per_s)}
      </text>
      <text class="window" x={at.x} y={at.y + 13}>
        {edge.window > 0 ? `${edge.in_flight} of ${edge.window}${full ? ' full' : ''}` : ''}
      </text>
    </g>
  );
}

function short(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

type BoxProps = { node: Node; at: { x: number; y: number }; selected: boolean; culprit: boolean; onSelect: () => void };

function NodeBox({ node, at, selected, culprit, onSelect }: BoxProps) {
  const load = loadOf(node);
  const { busy, backpressured } = shares(node.time);
  const bar = nodeWidth - 20;
  const label =
    `${node.id}, ${node.role}, ${words[load]}: ${percent(node.time.busy)} busy, ` +
    `${percent(node.time.backpressured)} held back, ${rate(node.received_per_s || node.sent_per_s)}` +
    (culprit ? ', limits the workflow' : '');
  const choose = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onSelect();
  };
  return (
    <g
      class={`node load-${load}${selected ? ' selected' : ''}${culprit ? ' limits' : ''}`}
      transform={`translate(${at.x},${at.y})`}
      role="button"
      tabindex={0}
      aria-pressed={selected}
      aria-label={label}
      data-node={node.id}
      onClick={onSelect}
      onKeyDown={choose}
    >
      <title>{node.cause ? `${node.id}: ${node.cause}` : node.id}</title>
      <rect class="box" width={nodeWidth} height={nodeHeight} rx="8" />
      <text class="id" x="10" y="19">
        {short(node.id, 19)}
      </text>
      <text class="role" x="10" y="36">
        {short(`${node.role} · ${words[load]}${culprit ? ' · limits' : ''}`, 28)}
      </text>
      <text class="figure" x="10" y="53">
        {`${percent(node.time.busy)} busy · ${rate(node.received_per_s || node.sent_per_s)}`}
      </text>
      <rect class="bar" x="10" y="61" width={bar} height="9" rx="2" />
      <rect class="bar-busy" x="10" y="61" width={bar * busy} height="9" />
      <rect class="bar-held" x={10 + bar * busy} y="61" width={bar * backpressured} height="9" fill="url(#hatch)" />
    </g>
  );
}
