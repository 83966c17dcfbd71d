// The hosts of a cluster, and how much goes to and fro, from one answer of the API to the next.
import type { Cluster, Host } from './api';

type Sample = Pick<Host, 'incarnation' | 'up_s' | 'bytes_sent' | 'bytes_received'>;

export type Hosts = { cluster: Cluster; samples: Map<string, Sample[]> };
export type Traffic = { sent_per_s: number; received_per_s: number };

/** Rates are those of so many seconds. */
const window_s = 6;

/** `up_s` is the coordinator's clock: how long an answer took to come does not matter. */
export function follow(known: Hosts | null, cluster: Cluster): Hosts {
  const samples = new Map<string, Sample[]>();
  for (const host of cluster.members) {
    const past = (known?.samples.get(host.name) ?? []).filter((each) => precedes(each, host));
    samples.set(host.name, [...past, host]);
  }
  return { cluster, samples };
}

/** A new server counts anew. Its hosts are those of before until it says otherwise. */
export function forgetTraffic(known: Hosts | null): Hosts | null {
  return known && { ...known, samples: new Map() };
}

/** A host that joined anew counts anew. */
function precedes(before: Sample, now: Sample): boolean {
  return (
    before.incarnation === now.incarnation &&
    before.up_s < now.up_s &&
    before.up_s >= now.up_s - window_s &&
    before.bytes_sent <= now.bytes_sent &&
    before.bytes_received <= now.bytes_received
  );
}

/** Null until the host was seen twice. */
export function trafficOf(hosts: Hosts, name: string): Traffic | null {
  const samples = hosts.samples.get(name) ?? [];
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || first === last) return null;
  const time = last.up_s - first.up_s;
  return {
    sent_per_s: (last.bytes_sent - first.bytes_sent) / time,
    received_per_s: (last.bytes_received - first.bytes_received) / time,
  };
}

/** Hosts that the cluster counts on. */
function present(cluster: Cluster): number {
  return cluster.members.filter((host) => host.state !== 'lost').length;
}

function hostCount(n: number): string {
  return `${n} ${n === 1 ? 'host' : 'hosts'}`;
}

/** Which cluster, how many hosts it has, and how many it needed to begin. */
export function clusterText(cluster: Cluster): string {
  const least = cluster.hosts_wanted > 0 ? ` (minimum ${cluster.hosts_wanted})` : '';
  return `cluster ${cluster.name}, ${hostCount(present(cluster))}${least}`;
}

/** Empty once the run has begun. */
export function waitingText(cluster: Cluster): string {
  const missing = cluster.hosts_wanted - present(cluster);
  return cluster.begun || missing <= 0 ? '' : `Waiting for ${missing} more ${missing === 1 ? 'host' : 'hosts'} to begin.`;
}

/** What a state means, where its name does not say all. */
export function stateMeaning(state: string): string {
  switch (state) {
    case 'unlinked':
      return 'its connection broke; it may come back';
    case 'leaving':
      return 'drains: finishes what it has';
    case 'lost':
      return 'what it had is handed out again';
    default:
      return '';
  }
}
