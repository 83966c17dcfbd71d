import { useRef } from 'preact/hooks';

type Command = 'drain' | 'pause' | 'resume';

/** A workflow in one of these states takes no more commands. */
const over = new Set(['completed', 'failed', 'stopped', 'draining']);

export function Controls(props: { state: string; enabled: boolean; onCommand: (command: Command) => void }) {
  const { state, enabled, onCommand } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const may = enabled && !over.has(state);
  const confirm = () => {
    dialog.current?.close();
    onCommand('drain');
  };
  return (
    <>
      <button type="button" disabled={!may || state === 'paused'} onClick={() => onCommand('pause')} data-test="pause">
        Pause
      </button>
      <button type="button" disabled={!may || state !== 'paused'} onClick={() => onCommand('resume')} data-test="resume">
        Resume
      </button>
      <button type="button" class="danger" disabled={!may} onClick={() => dialog.current?.showModal()} data-test="drain">
        Drain…
      </button>
      <dialog ref={dialog} aria-labelledby="drain-title">
        <h2 id="drain-title">Drain the workflow?</h2>
        <p>Sources stop, what is on its way is delivered, then the workflow ends. It cannot be resumed.</p>
        <div class="actions">
          <button type="button" onClick={() => dialog.current?.close()} data-test="drain-cancel">
            Cancel
          </button>
          <button type="button" class="danger" onClick={confirm} data-test="drain-confirm">
            Drain
          </button>
        </div>
      </dialog>
    </>
  );
}
