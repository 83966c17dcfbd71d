// Where nodes and edges lie. Recomputed only where the shape of the graph changed.
import dagre from '@dagrejs/dagre';
import type { Workflow } from './api';

export const nodeWidth = 176;
export const nodeHeight = 78;

export type Direction = 'LR' | 'TB';
export type PlacedEdge = { path: string; label: { x: number; y: number } };
export type Layout = {
  width: number;
  height: number;
  /** By node id: the top left corner. */
  nodes: Map<string, { x: number; y: number }>;
  /** As `workflow.edges`; undefined where an end of the edge is unknown. */
  edges: (PlacedEdge | undefined)[];
};

type Shape = Pick<Workflow, 'edges'> & { nodes: { id: string }[] };

/** Two workflows of the same shape have the same key. */
export function shapeKey(shape: Shape): string {
  return JSON.stringify([shape.nodes.map((node) => node.id), shape.edges.map((edge) => [edge.from, edge.port, edge.to])]);
}

export function layOut(shape: Shape, direction: Direction): Layout {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: direction, nodesep: 28, ranksep: direction === 'LR' ? 30 : 28, edgesep: 16, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  // Ids come from outside: a prefix keeps them clear of names that objects have of their own.
  for (const node of shape.nodes) graph.setNode(`n:${node.id}`, { width: nodeWidth, height: nodeHeight });
  shape.edges.forEach((edge, index) => {
    if (!graph.hasNode(`n:${edge.from}`) || !graph.hasNode(`n:${edge.to}`)) return;
    graph.setEdge(`n:${edge.from}`, `n:${edge.to}`, { width: 64, height: 30, labelpos: 'c' }, `e${index}`);
  });
  dagre.layout(graph);

  const nodes = new Map<string, { x: number; y: number }>();
  for (const { id } of shape.nodes) {
    const placed = graph.node(`n:${id}`);
    nodes.set(id, { x: (placed.x ?? 0) - nodeWidth / 2, y: (placed.y ?? 0) - nodeHeight / 2 });
  }
  const edges = shape.edges.map((edge, index) => {
    const placed = graph.edge(`n:${edge.from}`, `n:${edge.to}`, `e${index}`);
    if (!placed?.points?.length) return undefined;
    const middle = placed.points[Math.floor(placed.points.length / 2)]!;
    return { path: curve(placed.points), label: { x: placed.x ?? middle.x, y: placed.y ?? middle.y } };
  });
  const { width = 0, height = 0 } = graph.graph();
  return { width: Math.max(1, Math.ceil(finite(width))), height: Math.max(1, Math.ceil(finite(height))), nodes, edges };
}

/** Below this the text of a node is too small to read. */
const smallest = 0.75;

/** From left to right where that fits into `width` pixels, a little smaller if need be; otherwise from top to
 *  bottom. What is wider still is scrolled. */
export function fit(shape: Shape, width: number): { layout: Layout; scale: number } {
  const across = layOut(shape, 'LR');
  if (across.width * smallest <= width) return { layout: across, scale: Math.min(1, width / across.width) };
  const down = layOut(shape, 'TB');
  return { layout: down, scale: Math.min(1, Math.max(smallest, width / down.width)) };
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

/** A smooth line: curves from the middle of each leg to the middle of the next. */
function curve(points: { x: number; y: number }[]): string {
  const at = (point: { x: number; y: number }) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`;
  const first = points[0]!;
  const last = points.at(-1)!;
  let path = `M${at(first)}`;
  for (let i = 1; i + 1 < points.length; i++) {
    const here = points[i]!;
    const next = points[i + 1]!;
    path += ` Q${at(here)} ${at({ x: (here.x + next.x) / 2, y: (here.y + next.y) / 2 })}`;
  }
  return `${path} L${at(last)}`;
}
