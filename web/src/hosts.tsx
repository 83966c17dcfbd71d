import type { ComponentChildren } from 'preact';
import type { Host } from './api';
import { clusterText, stateMeaning, trafficOf, waitingText, type Hosts, type Traffic } from './cluster';
import { byteRate, bytes, count, milliseconds, percent, seconds } from './format';

/** `detail` is smaller, below the figure. */
type Cell = { figure: ComponentChildren; detail?: string };
type Column = { name: string; wide?: boolean; read: (host: Host, traffic: Traffic | null) => Cell };

const looks: Record<string, string> = { up: 'live', unlinked: 'broken away', leaving: 'state-draining', lost: 'broken away' };

const columns: Column[] = [
  {
    name: 'state',
    wide: true,
    read: ({ state }) => ({ figure: <span class={`badge ${looks[state] ?? ''}`}>{state}</span>, detail: stateMeaning(state) }),
  },
  { name: 'version', read: (host) => ({ figure: host.version }) },
  {
    name: 'workers',
    read: (host) =>
      host.workers === 0
        ? { figure: 'none' }
        : { figure: `${count(host.workers_busy)} busy of ${count(host.workers)}`, detail: `load ${percent(host.load)}` },
  },
  { name: 'links', read: (host) => ({ figure: count(host.links) }) },
  { name: 'round trip', read: (host) => ({ figure: milliseconds(host.round_trip_ms) }) },
  { name: 'sent to it', read: (host, traffic) => ({ figure: byteRate(traffic?.sent_per_s), detail: bytes(host.bytes_sent) }) },
  { name: 'received', read: (host, traffic) => ({ figure: byteRate(traffic?.received_per_s), detail: bytes(host.bytes_received) }) },
  { name: 'incarnation', read: (host) => ({ figure: count(host.incarnation), detail: `for ${seconds(host.up_s)}` }) },
  { name: 'last heard', read: (host) => ({ figure: `${seconds(host.last_seen_s)} ago` }) },
  { name: 'labels', wide: true, read: (host) => ({ figure: <Labels labels={host.labels} /> }) },
];

function Labels({ labels }: { labels: Host['labels'] }) {
  const all = Object.entries(labels);
  if (all.length === 0) return <>–</>;
  return (
    <>
      {all.map(([key, value]) => (
        <span key={key}>
          <span class="kind">{`${key}=${value}`}</span>{' '}
        </span>
      ))}
    </>
  );
}

/** The hosts of the cluster that the run coordinates. Roles are said because the narrow layout takes a table's own away. */
export function HostsPanel({ hosts }: { hosts: Hosts }) {
  const { cluster } = hosts;
  return (
    <section class="panel" aria-labelledby="hosts-title" data-test="hosts">
      <h2 id="hosts-title">
        Hosts <small data-test="cluster">{clusterText(cluster)}</small>
      </h2>
      <p role="status" data-test="waiting">
        {waitingText(cluster)}
      </p>
      {cluster.members.length === 0 && <p class="empty">None has joined.</p>}
      {cluster.members.length > 0 && (
        <div class="hosts scroll" tabindex={0} role="region" aria-label={`Hosts of ${cluster.name}`}>
          <table role="table" aria-labelledby="hosts-title">
            <thead role="rowgroup">
              <tr role="row">
                <th role="columnheader" scope="col">
                  host
                </th>
                {columns.map(({ name }) => (
                  <th key={name} role="columnheader" scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody role="rowgroup">
              {cluster.members.map((host) => (
                <tr key={host.name} role="row" data-test={`host-${host.name}`}>
                  <th role="rowheader" scope="row">
                    {host.name}
                  </th>
                  {columns.map(({ name, wide, read }) => {
                    const { figure, detail } = read(host, trafficOf(hosts, host.name));
                    return (
                      <td key={name} role="cell" class={wide ? 'wide' : ''} data-name={name}>
                        {figure}
                        {detail && <small>{detail}</small>}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
