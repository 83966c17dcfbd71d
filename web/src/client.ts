// The page's one connection to the API: streams events, and comes back by itself after a break.
import type { Cluster, DeadLetter, LogEvent, Point, ReplayResult, TappedRecord, Workflow } from './api';
import { backoff } from './backoff';
import { MessageReader, type Message } from './sse';

export type Status = 'connecting' | 'live' | 'disconnected' | 'token needed';

export type Listener = {
  status(status: Status): void;
  workflow(workflow: Workflow): void;
  event(event: LogEvent): void;
  /** The server is another one than before (it restarted): what is shown of its past is void. */
  restarted(): void;
  /** A stream has opened, for the first time or anew: time to fetch what is not streamed. */
  opened(): void;
};

/** Without a word for so long, a connection counts as broken; the server speaks once a second. */
const silence_ms = 8000;
const tokenKey = 'weir-token';

export class Unauthorised extends Error {}
class NotFound extends Error {}

export class Client {
  private stopped = false;
  private tries = 0;
  private lastId = '';
  private started = '';
  private abort = new AbortController();
  private wake: () => void = () => {};

  constructor(
    private readonly listener: Listener,
    private readonly base = 'api/v1/',
    private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = sessionStorage,
  ) {}

  /** Streams until stop(); never throws. */
  async run(): Promise<void> {
    this.listener.status('connecting');
    while (!this.stopped) {
      try {
        if ((await this.stream()) === 'again') continue;
        if (!this.stopped) this.listener.status('disconnected');
      } catch (error) {
        if (this.stopped) return;
        if (error instanceof Unauthorised) {
          this.listener.status('token needed');
          await new Promise<void>((resolve) => (this.wake = resolve));
          continue;
        }
        this.listener.status('disconnected');
      }
      if (!this.stopped) await this.pause(backoff(this.tries++));
    }
  }

  stop(): void {
    this.stopped = true;
    this.abort.abort();
    this.wake();
  }

  /** Kept for this tab alone; the connection is tried again with it at once. */
  setToken(token: string): void {
    if (token) this.storage.setItem(tokenKey, token);
    else this.storage.removeItem(tokenKey);
    this.tries = 0;
    this.wake();
    this.abort.abort(); // A stream that is open had the token of before.
  }

  /** Do not wait for the next try. */
  retry(): void {
    this.wake();
  }

  async history(): Promise<Point[]> {
    return ((await this.get('history')) as { points?: Point[] }).points ?? [];
  }

  async deadLetters(): Promise<DeadLetter[]> {
    return ((await this.get('dead-letters')) as { dead_letters?: DeadLetter[] }).dead_letters ?? [];
  }

  /** Null where the run is no cluster's coordinator. Given up with the stream: the answer would be of a server before. */
  async cluster(): Promise<Cluster | null> {
    try {
      const response = await this.fetch('cluster', { signal: this.abort.signal });
      const answer = (await response.json()) as Cluster | { name: null };
      return answer.name === null ? null : answer;
    } catch (error) {
      if (error instanceof NotFound) return null;
      throw error;
    }
  }

  async command(name: 'drain' | 'pause' | 'resume'): Promise<string> {
    const response = await this.fetch(name, { method: 'POST' });
    const answer = (await response.json().catch(() => ({}))) as { state?: string };
    return answer.state ?? '';
  }

  /** Those letters of that node, or all there are. */
  async replay(which?: { ids: string[]; node: string }): Promise<ReplayResult> {
    const body = which ? JSON.stringify(which) : undefined;
    const answer = (await (await this.fetch('dead-letters/replay', { method: 'POST', body })).json()) as Partial<ReplayResult>;
    return { replayed: answer.replayed ?? [], refused: answer.refused ?? [] };
  }

  /** Until the node has no more to show, or `signal`. */
  async tap(node: string, seen: (record: TappedRecord) => void, signal: AbortSignal): Promise<void> {
    const headers = { Accept: 'text/event-stream' };
    const response = await this.fetch(`nodes/${encodeURIComponent(node)}/tap`, { headers, signal });
    const messages = new MessageReader();
    const text = new TextDecoder();
    const reader = response.body!.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const message of messages.push(text.decode(value, { stream: true }))) {
        if (message.event !== 'record') continue;
        try {
          seen(JSON.parse(message.data) as TappedRecord);
        } catch {
          // A newer server may send what this page does not know.
        }
      }
    }
  }

  private async get(path: string): Promise<unknown> {
    return (await this.fetch(path)).json();
  }

  /** Throws Unauthorised for 401, NotFound for 404, and an Error with the server's own words for other failures. */
  private async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    const token = this.storage.getItem(tokenKey);
    if (token) headers.set('Authorization', `Bearer ${token}`);
    const response = await fetch(this.base + path, { cache: 'no-store', credentials: 'same-origin', ...init, headers });
    if (response.ok) return response;
    const answer = (await response.json().catch(() => ({}))) as { error?: string };
    const text = answer.error ?? `the server answered ${response.status} (${path})`;
    if (response.status === 401) throw new Unauthorised(text);
    throw response.status === 404 ? new NotFound(text) : new Error(text);
  }

  private async stream(): Promise<'ended' | 'again'> {
    this.abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.abort.abort(), silence_ms);
    };
    heard();
    try {
      const headers: Record<string, string> = { Accept: 'text/event-stream' };
      if (this.lastId) headers['Last-Event-ID'] = this.lastId;
      const response = await this.fetch('events', { headers, signal: this.abort.signal });
      const body = response.body;
      if (!body) return 'ended';
      this.listener.status('live');
      this.listener.opened();
      const reader = body.getReader();
      const text = new TextDecoder();
      const messages = new MessageReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return 'ended';
        heard();
        this.tries = 0;
        for (const message of messages.push(text.decode(value, { stream: true }))) {
          if (this.take(message)) continue;
          await reader.cancel();
          return 'again';
        }
      }
    } finally {
      clearTimeout(timer);
      this.abort.abort();
    }
  }

  /** False: open the stream anew, from the start. */
  private take(message: Message): boolean {
    let data: unknown;
    try {
      data = JSON.parse(message.data);
    } catch {
      return true; // A newer server may send what this page does not know.
    }
    if (message.event === 'workflow') {
      const workflow = data as Workflow;
      const restarted = this.started !== '' && this.started !== workflow.started;
      this.started = workflow.started;
      if (restarted) {
        // A new server numbers its events anew: what it has is to be read from the first on.
        this.listener.restarted();
        this.listener.workflow(workflow);
        const resumed = this.lastId !== '';
        this.lastId = '';
        return !resumed;
      }
      this.listener.workflow(workflow);
    } else if (message.event === 'log') {
      if (message.id) this.lastId = message.id;
      this.listener.event(data as LogEvent);
    }
    return true;
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
