/** How long to wait before try number `tries` (0 is the first after a success), in milliseconds:
 *  doubles from half a second to ten, less up to half of it by chance, so that pages do not come back at once. */
export function backoff(tries: number, chance = Math.random()): number {
  const full = Math.min(10_000, 500 * 2 ** Math.min(tries, 10));
  return full * (1 - chance / 2);
}
