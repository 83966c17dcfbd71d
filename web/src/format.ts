// Numbers and times as people read them. Missing values are a dash, never NaN.

import type { ReplayResult } from './api';

const none = '–';

function missing(value: number | null | undefined): value is null | undefined {
  return value === null || value === undefined || !Number.isFinite(value);
}

/** 0.5, 12.3, 800, 1,234, 12.3 k, 4.56 M. */
export function count(value: number | null | undefined): string {
  if (missing(value)) return none;
  const size = Math.abs(value);
  if (size >= 1e9) return `${trim(value / 1e9)} G`;
  if (size >= 1e6) return `${trim(value / 1e6)} M`;
  if (size >= 1e4) return `${trim(value / 1e3)} k`;
  if (size >= 1e3) return Math.round(value).toLocaleString('en-US');
  return trim(value);
}

/** Three significant digits, without zeros at the end. */
function trim(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

export function rate(value: number | null | undefined): string {
  return missing(value) ? none : `${count(value)}/s`;
}

/** A share of 1 as percent. Small ones keep their digits: 0.1 %, 0.012 %. */
export function percent(share: number | null | undefined): string {
  if (missing(share)) return none;
  const value = share * 100;
  if (value !== 0 && Math.abs(value) < 0.1) return `${Number(value.toPrecision(2))} %`;
  return `${Number(value.toFixed(Math.abs(value) < 10 ? 1 : 0))} %`;
}

export function milliseconds(value: number | null | undefined): string {
  if (missing(value)) return none;
  if (value >= 10_000) return seconds(value / 1000);
  if (value > 0 && value < 0.01) return `${trim(value * 1000)} µs`;
  return `${count(value)} ms`;
}

/** 1.2 · 3.4 ms: the unit once where both have the same. */
export function millisecondsPair(one: number | null | undefined, other: number | null | undefined): string {
  const [first, second] = [milliseconds(one), milliseconds(other)];
  return `${first.endsWith(' ms') && second.endsWith(' ms') ? first.slice(0, -3) : first} · ${second}`;
}

/** 0.4 s, 12 s, 3 min 5 s, 2 h 4 min, 3 d 2 h. */
export function seconds(value: number | null | undefined): string {
  if (missing(value)) return none;
  if (value < 1 && value > 0) return `${Number(value.toFixed(2))} s`;
  if (value < 10) return `${Number(value.toFixed(1))} s`;
  const whole = Math.round(value);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(whole, 60, 'min', 1, 's');
  if (whole < 86400) return pair(whole, 3600, 'h', 60, 'min');
  return pair(whole, 86400, 'd', 3600, 'h');
}

function pair(value: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((value % big) / small);
  return `${Math.floor(value / big)} ${bigName}${rest ? ` ${rest} ${smallName}` : ''}`;
}

export function bytes(value: number | null | undefined): string {
  if (missing(value)) return none;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit + 1 < units.length) {
    value /= 1024;
    unit++;
  }
  return `${trim(value)} ${units[unit]}`;
}

export function byteRate(value: number | null | undefined): string {
  return missing(value) ? none : `${bytes(value)}/s`;
}

/** The time of day of an ISO time, or the text as it is where it is none. */
export function timeOfDay(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : time.toLocaleTimeString('en-GB');
}

/** A payload as text, whatever it is. */
export function payloadText(payload: unknown): string {
  if (typeof payload === 'string') return payload;
  return JSON.stringify(payload, null, 2) ?? '';
}

/** What became of a replay, in a sentence. */
export function replayText({ replayed, refused }: ReplayResult): string {
  const taken = replayed.length === 1 ? `${replayed[0]} is tried again.` : `${count(replayed.length)} dead letters are tried again.`;
  if (refused.length === 0) return taken;
  const first = refused[0]!;
  const others = refused.length > 1 ? ` (and ${count(refused.length - 1)} more)` : '';
  return `${replayed.length > 0 ? `${taken} ` : ''}Not replayed: ${first.id}, ${first.why}${others}.`;
}
