import type { Node } from './api';
import type { Client } from './client';
import { bytes, count, millisecondsPair, percent, rate, seconds } from './format';
import { TapPanel } from './tap_panel';

/** The selected node: its figures, its workers and, if wanted, its records. */
export function NodePanel({ node, client }: { node: Node; client: Client | null }) {
  const facts: [string, string][] = [
    ['in', `${rate(node.received_per_s)} · ${count(node.received)}`],
    ['out', `${rate(node.sent_per_s)} · ${count(node.sent)}`],
    ['errors', `${rate(node.errors_per_s)} · ${count(node.errors)}`],
    ['filtered', count(node.filtered)],
    ['retries', count(node.retries)],
    ['timeouts', count(node.timeouts)],
    ['restarts', count(node.restarts)],
    ['dead letters', count(node.dead_letters)],
    ['queue', `${count(node.queue_records)} · ${bytes(node.queue_bytes)}`],
    ['task p50 · p99', millisecondsPair(node.task_ms?.p50, node.task_ms?.p99)],
  ];
  if (node.role === 'sink') facts.push(['delivered', count(node.delivered)]);
  if (node.latency_ms) facts.push(['latency p50 · p99', millisecondsPair(node.latency_ms.p50, node.latency_ms.p99)]);
  if (node.progress) facts.push(['progress', `${count(node.progress.done)} of ${count(node.progress.total)}`]);
  const { workers } = node;
  return (
    <section class="panel" aria-labelledby="node-title" data-test="node-panel">
      <h2 id="node-title">
        {node.id} <small>{`${node.role}, ${node.state}${node.stalled ? ', stalled' : ''}`}</small>
      </h2>
      {node.cause && <p class="cause">{node.cause}</p>}
      {!node.cause && node.last_failure && (
        <p class="cause" data-test="last-failure">
          {`Last failure, ${seconds(node.last_failure.ago_s)} ago (${node.last_failure.kind}): ${node.last_failure.cause}`}
        </p>
      )}
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h3>
        Workers{' '}
        <small>
          {`${workers.busy} busy of ${workers.now}`}
          {workers.min !== workers.max && ` (${workers.min} to ${workers.max})`}
          {workers.hung > 0 && `, ${workers.hung} hung`}
        </small>
      </h3>
      <div class="scroll" tabindex={0} role="region" aria-label={`Workers of ${node.id}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">worker</th>
              <th scope="col">state</th>
              <th scope="col">task age</th>
              <th scope="col">restarts</th>
            </tr>
          </thead>
          <tbody>
            {node.worker_list.map((worker) => (
              <tr key={worker.index} data-test={`worker-${worker.index}`}>
                <td>{worker.index}</td>
                <td>
                  <span class={`dot ${worker.state}`} aria-hidden="true" /> {worker.state}
                </td>
                <td>{worker.state === 'busy' ? seconds(worker.task_age_s) : '–'}</td>
                <td>{worker.restarts}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="shares">
        {`${percent(node.time.busy)} busy, ${percent(node.time.backpressured)} held back, ${percent(node.time.idle)} idle`}
      </p>
      <TapPanel node={node.id} sink={node.role === 'sink'} client={client} />
    </section>
  );
}
