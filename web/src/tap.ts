// What a tap of a node has shown, as far as the page keeps it.
import type { TappedRecord } from './api';

/** Newest first; older ones are let go. */
export const mostTapped = 50;

export function keepTapped(known: TappedRecord[], record: TappedRecord): TappedRecord[] {
  return [record, ...known].slice(0, mostTapped);
}
