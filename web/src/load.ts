// How loaded a node is, as one word: it names the node's colour, its pattern and its text.
import type { Node } from './api';

export type Load = 'outage' | 'stalled' | 'starting' | 'backpressured' | 'busy' | 'working' | 'idle';

/** Shares from which a node counts as loaded. Below `working` it mostly waits for records. */
const loaded = 0.7;
const working = 0.2;

export function loadOf(node: Node): Load {
  if (node.state === 'outage') return 'outage';
  if (node.stalled) return 'stalled';
  if (node.state === 'starting') return 'starting';
  const { busy, backpressured } = node.time;
  if (backpressured >= 0.5 && backpressured >= busy) return 'backpressured';
  if (busy >= loaded) return 'busy';
  return busy + backpressured >= working ? 'working' : 'idle';
}

/** Cuts shares to 0..1 and to 1 in sum, for a bar. */
export function shares(time: Node['time']): { busy: number; backpressured: number } {
  const busy = clamp(time.busy);
  return { busy, backpressured: Math.min(clamp(time.backpressured), 1 - busy) };
}

function clamp(value: number): number {
  return Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0;
}
