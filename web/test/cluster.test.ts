import { expect, test } from 'vitest';
import type { Cluster, Host } from '../src/api';
import { clusterText, follow, forgetTraffic, stateMeaning, trafficOf, waitingText, type Hosts } from '../src/cluster';
import { firstCluster } from './fake-server.mjs';

const clusterOf = (...members: Partial<Host>[]): Cluster => ({
  ...firstCluster(),
  members: members.map((more) => ({ ...(firstCluster().members[0] as Host), ...more })),
});
const after = (...hosts: Partial<Host>[]) => hosts.reduce<Hosts | null>((known, host) => follow(known, clusterOf(host)), null)!;
const seen = (up_s: number, bytes_sent: number, more: Partial<Host> = {}): Partial<Host> => ({
  name: 'a', incarnation: 1, up_s, bytes_sent, bytes_received: 2 * bytes_sent, ...more,
});

test('rates are over the last seconds, by the clock of the coordinator', () => {
  expect(trafficOf(after(seen(10, 0)), 'a')).toBe(null);
  expect(trafficOf(after(seen(10, 0), seen(10.5, 100)), 'a')).toEqual({ sent_per_s: 200, received_per_s: 400 });
  expect(trafficOf(after(seen(0, 0), seen(2, 0), seen(4, 100), seen(8, 600)), 'a')!.sent_per_s).toBe(100);
  expect(trafficOf(after(seen(10, 0), seen(900, 100)), 'a')).toBe(null);
  expect(trafficOf(after(seen(10, 5), seen(10, 5)), 'a')).toBe(null);
});

test('a host that joined anew, or a new server, has no rates of before', () => {
  expect(trafficOf(after(seen(10, 5), seen(11, 9, { incarnation: 2 })), 'a')).toBe(null);
  expect(trafficOf(after(seen(10, 5), seen(1, 9)), 'a')).toBe(null);
  expect(trafficOf(after(seen(10, 5), seen(11, 4)), 'a')).toBe(null);
  const forgotten = forgetTraffic(after(seen(10, 5), seen(11, 9)))!;
  expect(forgotten.cluster.members.length).toBe(1);
  expect(trafficOf(follow(forgotten, clusterOf(seen(12, 20))), 'a')).toBe(null);
  expect(forgetTraffic(null)).toBe(null);
});

test('what is known of hosts that are gone is let go', () => {
  const both = follow(null, clusterOf({ name: 'a' }, { name: '__proto__' }));
  expect([...both.samples.keys()]).toEqual(['a', '__proto__']);
  expect([...follow(both, clusterOf({ name: 'a' })).samples.keys()]).toEqual(['a']);
});

test('what is waited for is said until the run has begun', () => {
  const waiting = (begun: boolean, ...members: Partial<Host>[]) => waitingText({ ...clusterOf(...members), begun });
  expect(waiting(false)).toBe('Waiting for 3 more hosts to begin.');
  expect(waiting(false, {}, {}, { state: 'lost' })).toBe('Waiting for 1 more host to begin.');
  expect(waiting(false, {}, {}, {})).toBe('');
  expect(waiting(true, {})).toBe('');
});

test('the cluster says how many hosts it has, and needs', () => {
  expect(clusterText(clusterOf({}))).toBe('cluster weir, 1 host (minimum 3)');
  expect(clusterText({ ...clusterOf({}, {}), hosts_wanted: 0 })).toBe('cluster weir, 2 hosts');
});

test('states that do not say all are explained, and new ones shown as they are', () => {
  expect(['up', 'unlinked', 'leaving', 'lost', 'new'].map((state) => stateMeaning(state) !== '')).toEqual([false, true, true, true, false]);
});
