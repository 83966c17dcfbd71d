import { expect, test } from 'vitest';
import { byteRate, bytes, count, milliseconds, millisecondsPair, payloadText, percent, rate, replayText, seconds } from '../src/format';

test('what is missing is a dash', () => {
  for (const format of [count, rate, percent, milliseconds, seconds, bytes, byteRate]) {
    expect(format(null)).toBe('–');
    expect(format(undefined)).toBe('–');
    expect(format(Number.NaN)).toBe('–');
  }
});

test('counts keep three digits', () => {
  expect([0, 0.5, 12.34, 812.4, 1234, 12345, 4_560_000].map(count)).toEqual(['0', '0.5', '12.3', '812', '1,234', '12.3 k', '4.56 M']);
  expect(rate(812.4)).toBe('812/s');
});

test('small shares are not rounded to nothing', () => {
  expect([0, 0.00012, 0.001, 0.053, 0.98, 1].map(percent)).toEqual(['0 %', '0.012 %', '0.1 %', '5.3 %', '98 %', '100 %']);
});

test('times have a fitting unit', () => {
  expect([0, 0.4, 12, 185, 7440, 266_400].map(seconds)).toEqual(['0 s', '0.4 s', '12 s', '3 min 5 s', '2 h 4 min', '3 d 2 h']);
  expect([0.004, 1.2, 3400, 12_000].map(milliseconds)).toEqual(['4 µs', '1.2 ms', '3,400 ms', '12 s']);
  expect(millisecondsPair(1.2, 3.4)).toBe('1.2 · 3.4 ms');
  expect(millisecondsPair(1.2, 12_000)).toBe('1.2 ms · 12 s');
  expect(millisecondsPair(null, null)).toBe('– · –');
  expect([0, 1023, 345_678].map(bytes)).toEqual(['0 B', '1023 B', '338 KiB']);
  expect(byteRate(1_572_864)).toBe('1.5 MiB/s');
});

test('a payload is text, whatever it is', () => {
  expect(payloadText('<b>')).toBe('<b>');
  expect(payloadText({ a: '<b>' })).toBe('{\n  "a": "<b>"\n}');
  expect(payloadText(undefined)).toBe('');
});

test('what became of a replay is a sentence', () => {
  expect(replayText({ replayed: ['a:1'], refused: [] })).toBe('a:1 is tried again.');
  expect(replayText({ replayed: ['a:1', 'a:2'], refused: [] })).toBe('2 dead letters are tried again.');
  const refusal = (id: string) => ({ id, node: 'n', why: 'its node has ended' });
  expect(replayText({ replayed: [], refused: [refusal('b:1')] })).toBe('Not replayed: b:1, its node has ended.');
  expect(replayText({ replayed: ['a:1'], refused: [refusal('b:1'), refusal('b:2')] })).toBe(
    'a:1 is tried again. Not replayed: b:1, its node has ended (and 1 more).',
  );
});
