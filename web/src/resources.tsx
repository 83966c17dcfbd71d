import type { Resource } from './api';
import { bytes, count, millisecondsPair, percent } from './format';

/** What a resource is at, in words: the same for every kind. */
export function resourceText(resource: Resource): string {
  switch (resource.kind) {
    case 'connection_pool':
      return [
        `${count(resource.in_use)} of ${count(resource.size)} connections in use`,
        `${count(resource.idle)} idle`,
        `${count(resource.waiting)} wait`,
        `wait p50 · p99 ${millisecondsPair(resource.wait_ms.p50, resource.wait_ms.p99)}`,
        ...(resource.timed_out > 0 ? [`${count(resource.timed_out)} gave up`] : []),
      ].join(', ');
    case 'cache': {
      const asked = resource.hits + resource.misses + resource.coalesced;
      return [
        `${count(resource.entries)} entries`,
        bytes(resource.bytes),
        asked > 0 ? `${percent(resource.hits / asked)} hits of ${count(asked)}` : 'not asked yet',
      ].join(', ');
    }
    case 'model_cache':
      return [
        `${count(resource.models)} models`,
        `${count(resource.loads)} loads`,
        ...(resource.failed > 0 ? [`${count(resource.failed)} failed`] : []),
      ].join(', ');
  }
}

export function Resources({ resources }: { resources: Resource[] }) {
  return (
    <section class="panel" aria-labelledby="resources-title" data-test="resources">
      <h2 id="resources-title">Resources</h2>
      <dl class="facts">
        {resources.map((resource) => (
          <div key={resource.name}>
            <dt>{resource.name}</dt>
            <dd>{resourceText(resource)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
