import { useEffect, useState } from 'preact/hooks';
import type { TappedRecord } from './api';
import { Unauthorised, type Client } from './client';
import { payloadText, timeOfDay } from './format';
import { keepTapped } from './tap';

/** A sample of what the node hands on, while it is asked for. Records come from outside: text and nothing else. */
export function TapPanel({ node, sink, client }: { node: string; sink: boolean; client: Client | null }) {
  const [on, setOn] = useState(false);
  const [records, setRecords] = useState<TappedRecord[]>([]);
  const [notice, setNotice] = useState('');

  useEffect(() => setOn(false), [node]);
  useEffect(() => {
    if (!on || !client) return undefined;
    const abort = new AbortController();
    setRecords([]);
    setNotice('');
    client
      .tap(node, (record) => setRecords((known) => keepTapped(known, record)), abort.signal)
      .then(
        () => setNotice('The tap has ended.'),
        (error: Error) => setNotice(error instanceof Unauthorised ? 'A token is needed.' : error.message),
      )
      .finally(() => {
        if (!abort.signal.aborted) setOn(false);
      });
    return () => abort.abort();
  }, [on, node, client]);

  return (
    <>
      <h3>
        Records <small>{sink ? 'it takes, a sample' : 'it hands on, a sample'}</small>{' '}
        <button
          type="button"
          class="small"
          aria-pressed={on}
          aria-label={`Live tap of ${node}`}
          onClick={() => setOn(!on)}
          data-test="tap"
        >
          {on ? 'Stop' : 'Tap'}
        </button>
      </h3>
      {notice && <p class="cause">{notice}</p>}
      {on && records.length === 0 && <p class="empty">Waiting for records…</p>}
      {records.length > 0 && (
        <ol class="tapped scroll" tabindex={0} aria-label={`Records of ${node}`} data-test="tapped">
          {records.map((record) => (
            <li key={`${record.time} ${record.id}`}>
              <small>
                {timeOfDay(record.time)} {record.id}
              </small>
              <pre>{payloadText(record.payload) + (record.truncated ? ' …' : '')}</pre>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
