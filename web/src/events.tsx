import type { LogEvent } from './api';
import { timeOfDay } from './format';

const most = 200;

/** Newest first; one number once, also where the server repeats it after a break. */
export function keepEvent(known: LogEvent[], event: LogEvent): LogEvent[] {
  if (known.some((each) => each.number === event.number)) return known;
  return [event, ...known].sort((a, b) => b.number - a.number).slice(0, most);
}

export function Events({ events }: { events: LogEvent[] }) {
  return (
    <section class="panel" aria-labelledby="events-title">
      <h2 id="events-title">Events</h2>
      {events.length === 0 && <p class="empty">None so far.</p>}
      <ol class="events scroll" tabindex={0} aria-labelledby="events-title" data-test="events">
        {events.map((event) => (
          <li key={event.number}>
            <time dateTime={event.time} title={event.time}>
              {timeOfDay(event.time)}
            </time>{' '}
            <span class={`kind kind-${event.kind}`}>{event.kind}</span>{' '}
            <strong>
              {event.node}
              {event.worker != null && event.worker >= 0 && ` worker ${event.worker}`}
            </strong>{' '}
            <span class="cause">{event.cause}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
