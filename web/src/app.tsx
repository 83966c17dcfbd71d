import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { DeadLetter, LogEvent, Point, Workflow } from './api';
import { Charts } from './charts';
import { Client, Unauthorised, type Status } from './client';
import { follow, forgetTraffic, type Hosts } from './cluster';
import { Controls } from './controls';
import { DeadLetters } from './dead_letters';
import { Events, keepEvent } from './events';
import { count, percent, replayText, seconds } from './format';
import { Gauges } from './gauges';
import { Graph } from './graph';
import { append, merge, pointOf } from './history';
import { HostsPanel } from './hosts';
import { NodePanel } from './node_panel';
import { Resources } from './resources';
import { applyTheme, nextTheme, storedTheme } from './theme';
import { TokenForm } from './token_form';

/** Dead letters are not streamed: they are fetched again where a node counts more, but not more often than this. */
const deadLettersEvery_ms = 2000;

export function App() {
  const [status, setStatus] = useState<Status>('connecting');
  const [workflow, setWorkflow] = useState<Workflow | null>(null);
  const [points, setPoints] = useState<Point[]>([]);
  const [events, setEvents] = useState<LogEvent[]>([]);
  const [letters, setLetters] = useState<DeadLetter[]>([]);
  const [hosts, setHosts] = useState<Hosts | null>(null);
  const [selected, setSelected] = useState<string | null>(null);
  const [notice, setNotice] = useState('');
  const [theme, setTheme] = useState(storedTheme);
  const client = useRef<Client | null>(null);

  const lettersAsked = useRef(0);

  const fetchLetters = () => {
    lettersAsked.current = Date.now();
    client.current?.deadLetters().then(setLetters, (error: Error) => {
      if (!(error instanceof Unauthorised)) setNotice(`Dead letters: ${error.message}`);
    });
  };

  useEffect(() => {
    const fetchPast = () => {
      connection.history().then(
        (fetched) => setPoints((live) => merge(fetched, live)),
        () => undefined, // The charts then start with live figures.
      );
      fetchLetters();
    };
    let noCluster = false;
    let asking = false;
    const fetchHosts = () => {
      if (noCluster || asking) return;
      asking = true;
      connection
        .cluster()
        .then(
          (cluster) => {
            noCluster = !cluster;
            setHosts((known) => cluster && follow(known, cluster));
          },
          () => undefined, // The next figures are soon enough.
        )
        .finally(() => (asking = false));
    };
    const connection = new Client({
      status: setStatus,
      workflow(next) {
        setWorkflow(next);
        setPoints((known) => append(known, pointOf(next)));
        fetchHosts();
      },
      event: (event) => setEvents((known) => keepEvent(known, event)),
      restarted() {
        setEvents([]);
        setPoints([]);
        setLetters([]);
        setHosts(forgetTraffic);
        fetchPast();
      },
      opened() {
        setNotice('');
        noCluster = false;
        fetchPast();
      },
    });
    client.current = connection;
    void connection.run();
    return () => connection.stop();
  }, []);

  const dead = workflow?.nodes.reduce((sum, node) => sum + node.dead_letters, 0) ?? 0;
  useEffect(() => {
    if (!dead) {
      setLetters([]);
      return undefined;
    }
    const wait = lettersAsked.current + deadLettersEvery_ms - Date.now();
    const timer = setTimeout(fetchLetters, Math.max(0, wait));
    return () => clearTimeout(timer);
  }, [dead]);

  useEffect(() => {
    document.title = workflow ? `${workflow.workflow} · ${status === 'live' ? workflow.state : status} · Weir` : 'Weir';
  }, [workflow?.workflow, workflow?.state, status]);

  const node = useMemo(() => {
    if (!workflow) return null;
    return (
      workflow.nodes.find((each) => each.id === selected) ??
      workflow.nodes.find((each) => each.id === workflow.culprit?.node) ??
      workflow.nodes.find((each) => each.role === 'step') ??
      workflow.nodes[0] ??
      null
    );
  }, [workflow, selected]);

  const command = (name: 'drain' | 'pause' | 'resume') => {
    setNotice(`Asking to ${name}…`);
    client.current?.command(name).then(
      (state) => setNotice(state ? `The workflow is now: ${state}.` : `Asked to ${name}.`),
      (error: Error) => {
        if (error instanceof Unauthorised) setStatus('token needed');
        setNotice(`Could not ${name}: ${error.message}`);
      },
    );
  };

  const replay = (letter?: DeadLetter) => {
    setNotice('Asking for a replay…');
    client.current?.replay(letter && { ids: [letter.id], node: letter.node }).then(
      (said) => {
        setNotice(replayText(said));
        fetchLetters();
      },
      (error: Error) => {
        if (error instanceof Unauthorised) setStatus('token needed');
        setNotice(`Could not replay: ${error.message}`);
      },
    );
  };

  const changeTheme = () => {
    const next = nextTheme(theme);
    applyTheme(next);
    setTheme(next);
  };

  return (
    <>
      <header class="top">
        <div class="title">
          <h1>{workflow?.workflow ?? 'Weir'}</h1>
          {workflow && (
            <span class={`badge state-${workflow.state}`} data-test="state">
              {workflow.state}
            </span>
          )}
          {workflow && !workflow.ready && <span class="badge warn">not ready</span>}
          <span class={`badge connection ${status === 'live' ? 'live' : 'broken'}`} role="status" data-test="status">
            {status}
          </span>
          {status === 'disconnected' && (
            <button type="button" class="small" onClick={() => client.current?.retry()}>
              Retry now
            </button>
          )}
        </div>
        <div class="actions">
          {workflow && <Controls state={workflow.state} enabled={status === 'live'} onCommand={command} />}
          <button type="button" onClick={changeTheme} aria-label={`Theme: ${theme}. Change`} data-test="theme">
            {theme === 'light' ? '☀' : theme === 'dark' ? '☾' : '◐'} {theme}
          </button>
        </div>
      </header>
      <main>
        <p class="notice" role="status" aria-live="polite" data-test="notice">
          {notice}
        </p>
        {status === 'token needed' && <TokenForm onToken={(token) => client.current?.setToken(token)} />}
        {!workflow && status !== 'token needed' && <p class="empty">Waiting for the first figures…</p>}
        {workflow && (
          <div class={status === 'live' ? 'page' : 'page stale'}>
            <Gauges workflow={workflow} points={points} />
            <Limits workflow={workflow} onSelect={setSelected} />
            <div class="columns">
              <section class="panel" aria-labelledby="graph-title">
                <h2 id="graph-title">Graph</h2>
                <Graph workflow={workflow} selected={node?.id ?? null} onSelect={setSelected} />
              </section>
              {node && <NodePanel node={node} client={client.current} />}
            </div>
            {hosts && <HostsPanel hosts={hosts} />}
            <section class="panel" aria-labelledby="charts-title">
              <h2 id="charts-title">Last 15 minutes</h2>
              <Charts points={points} theme={theme} />
            </section>
            {workflow.resources && workflow.resources.length > 0 && <Resources resources={workflow.resources} />}
            <div class="columns even">
              <Events events={events} />
              <DeadLetters letters={letters} total={dead} enabled={status === 'live'} onRefresh={fetchLetters} onReplay={replay} />
            </div>
            <footer>
              Weir {workflow.version} · up {seconds(workflow.up_s)} · {count(workflow.nodes.length)} nodes
              {workflow.memory && workflow.memory.limit > 0 && (
                <> · memory budget {percent(workflow.memory.used / workflow.memory.limit)} used</>
              )}{' '}
              · <a href="./licences.txt">licences</a>
            </footer>
          </div>
        )}
      </main>
    </>
  );
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

/** What limits the workflow, what is wrong with it, and how far it is. */
function Limits({ workflow, onSelect }: { workflow: Workflow; onSelect: (id: string) => void }) {
  const { culprit, progress, warnings, limits } = workflow;
  return (
    <section class="limits" aria-label="Limits and warnings">
      <p class="culprit" data-test="culprit">
        {culprit ? (
          <>
            <strong>Limited by </strong>
            <button type="button" class="link" onClick={() => onSelect(culprit.node)}>
              {culprit.node}
            </button>{' '}
            <span>{withoutPrefix(culprit.reason, `${culprit.node}: `)}</span>
          </>
        ) : (
          'Nothing limits the workflow.'
        )}
      </p>
      {limits.length > 1 && (
        <details>
          <summary>What limits, in order</summary>
          <ol class="ranking">
            {limits.map((limit) => (
              <li key={limit.node}>{`${percent(limit.score)} ${limit.reason}`}</li>
            ))}
          </ol>
        </details>
      )}
      {progress && progress.total > 0 && (
        <p class="progress">
          <progress max={progress.total} value={progress.done} aria-label="Progress" />
          <span>
            {count(progress.done)} of {count(progress.total)}
            {progress.eta_s != null && <> · {seconds(progress.eta_s)} left</>}
          </span>
        </p>
      )}
      {warnings.length > 0 && (
        <ul class="warnings" aria-label="Warnings" data-test="warnings">
          {warnings.map((warning) => (
            <li key={warning}>⚠ {warning}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
