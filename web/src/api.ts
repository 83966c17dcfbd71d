// What the admin API answers, as far as the page reads it. Fields may be added there at any time.

export type Quantiles = { p50: number; p95?: number; p99: number };
export type Progress = { done: number; total: number; eta_s?: number | null };

export type Worker = { index: number; state: string; task_age_s: number; restarts: number };

export type Node = {
  id: string;
  role: string;
  state: string;
  cause: string;
  last_failure?: { kind: string; cause: string; ago_s: number } | null;
  stalled: boolean;
  received_per_s: number;
  sent_per_s: number;
  errors_per_s: number;
  received: number;
  sent: number;
  delivered: number;
  filtered: number;
  errors: number;
  retries: number;
  timeouts: number;
  restarts: number;
  dead_letters: number;
  queue_records: number;
  queue_bytes: number;
  time: { busy: number; idle: number; backpressured: number };
  task_ms: Quantiles | null;
  latency_ms: Quantiles | null;
  workers: { min: number; max: number; now: number; busy: number; hung: number };
  worker_list: Worker[];
  progress: Progress | null;
};

export type Pool = {
  kind: 'connection_pool';
  name: string;
  size: number;
  idle: number;
  in_use: number;
  waiting: number;
  timed_out: number;
  wait_ms: Quantiles;
};
export type Cache = {
  kind: 'cache';
  name: string;
  hits: number;
  misses: number;
  coalesced: number;
  entries: number;
  bytes: number;
};
export type ModelCache = { kind: 'model_cache'; name: string; models: number; loads: number; failed: number };
export type Resource = Pool | Cache | ModelCache;

export type Edge = {
  from: string;
  port: string;
  to: string;
  records: number;
  records_per_s: number;
  in_flight: number;
  window: number;
  keyed: boolean;
};

export type Workflow = {
  workflow: string;
  state: string;
  version: string;
  started: string;
  up_s: number;
  ready: boolean;
  rates: {
    records_per_s: number;
    error_ratio: number;
    latency_ms: Quantiles | null;
    queue_records: number;
    queue_bytes: number;
    workers_busy: number;
    workers: number;
    workers_max: number;
  };
  progress: Progress | null;
  warnings: string[];
  culprit: { node: string; reason: string } | null;
  limits: { node: string; score: number; reason: string }[];
  nodes: Node[];
  edges: Edge[];
  resources?: Resource[];
  memory: { used: number; limit: number } | null;
};

/** A host of the cluster that the run coordinates. Bytes are what the coordinator sent and received. */
export type Host = {
  name: string;
  version: string;
  state: string;
  incarnation: number;
  labels: Record<string, string>;
  workers: number;
  workers_busy: number;
  load: number;
  links: number;
  round_trip_ms: number | null;
  bytes_sent: number;
  bytes_received: number;
  up_s: number;
  last_seen_s: number;
};

export type Cluster = { name: string; hosts_wanted: number; begun: boolean; members: Host[] };

export type Point = {
  t: number;
  records_per_s: number;
  p50_ms: number | null;
  p99_ms: number | null;
  error_ratio: number;
  queue_records: number;
  workers_busy: number;
  workers: number;
};

export type LogEvent = {
  number: number;
  time: string;
  kind: string;
  node: string;
  worker?: number | null;
  cause: string;
};

export type TappedRecord = { id: string; node: string; time: string; payload: unknown; truncated: boolean };

export type ReplayResult = { replayed: string[]; refused: { id: string; node: string; why: string }[] };

export type DeadLetter = {
  id: string;
  node: string;
  cause: string;
  kind: string;
  attempts: number;
  first_seen: string;
  last_seen: string;
  payload: unknown;
};
