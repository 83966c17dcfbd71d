import type { DeadLetter } from './api';
import { payloadText, timeOfDay } from './format';

/** More would make the page slow; `weir dlq list` shows all. */
const most = 200;

/** Payloads come from outside: they are shown as text and never as anything else. */
export function DeadLetters(props: {
  letters: DeadLetter[];
  total: number;
  enabled: boolean;
  onRefresh: () => void;
  /** Without a letter: all of them. */
  onReplay: (letter?: DeadLetter) => void;
}) {
  const { total, enabled, onRefresh, onReplay } = props;
  const letters = props.letters.slice(0, most);
  return (
    <section class="panel" aria-labelledby="letters-title">
      <h2 id="letters-title">
        Dead letters <small>{total > letters.length ? `${letters.length} of ${total}` : String(letters.length)}</small>
        <button type="button" class="small" onClick={onRefresh}>
          Refresh
        </button>{' '}
        <button
          type="button"
          class="small"
          disabled={!enabled || letters.length === 0}
          onClick={() => onReplay()}
          data-test="replay-all"
        >
          Replay all
        </button>
      </h2>
      {letters.length === 0 && <p class="empty">None.</p>}
      <ul class="letters scroll" tabindex={0} aria-labelledby="letters-title" data-test="letters">
        {letters.map((letter) => (
          <li key={`${letter.node} ${letter.id}`}>
            <details>
              <summary>
                <span class="kind">{letter.kind}</span> <strong>{letter.node}</strong> {letter.id}{' '}
                <span class="cause">{letter.cause}</span>
              </summary>
              <p class="shares">
                {`${letter.attempts} attempts, first ${timeOfDay(letter.first_seen)}, last ${timeOfDay(letter.last_seen)}`}
              </p>
              <pre tabindex={0}>{payloadText(letter.payload)}</pre>
              <button
                type="button"
                class="small"
                disabled={!enabled}
                aria-label={`Replay ${letter.id} of ${letter.node}`}
                onClick={() => onReplay(letter)}
                data-test={`replay-${letter.id}`}
              >
                Replay
              </button>
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}
