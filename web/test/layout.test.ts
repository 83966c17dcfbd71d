import { expect, test } from 'vitest';
import { fit, layOut, nodeWidth, shapeKey } from '../src/layout';
import { firstWorkflow } from './fake-server.mjs';

test('records flow from left to right, or from top to bottom', () => {
  const shape = firstWorkflow();
  for (const [direction, axis] of [['LR', 'x'], ['TB', 'y']] as const) {
    const { nodes, edges } = layOut(shape, direction);
    expect(edges.every((edge) => edge?.path.startsWith('M'))).toBe(true);
    for (const { from, to } of shape.edges) expect(nodes.get(from)![axis]).toBeLessThan(nodes.get(to)![axis]);
  }
});

test('nothing lies outside, and no node covers another', () => {
  const { width, height, nodes } = layOut(firstWorkflow(), 'LR');
  const places = [...nodes.values()];
  for (const { x, y } of places) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + nodeWidth).toBeLessThanOrEqual(width);
    expect(y).toBeLessThan(height);
  }
  expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(places.length);
});

test('the graph turns, and shrinks, to fit', () => {
  const shape = firstWorkflow();
  const across = layOut(shape, 'LR').width;
  const down = layOut(shape, 'TB').width;
  expect(fit(shape, 5000)).toMatchObject({ scale: 1, layout: { width: across } });
  expect(fit(shape, across * 0.9).scale).toBeCloseTo(0.9);
  expect(fit(shape, across * 0.7)).toMatchObject({ scale: 1, layout: { width: down } });
  expect(fit(shape, 100).scale).toBe(0.75);
});

test('odd graphs are drawn too', () => {
  const edge = (from: string, to: string) => ({ ...firstWorkflow().edges[0]!, from, to });
  expect(layOut({ nodes: [], edges: [] }, 'LR').nodes.size).toBe(0);
  const odd = layOut(
    { nodes: [{ id: '__proto__' }, { id: 'constructor' }], edges: [edge('__proto__', 'constructor'), edge('__proto__', 'constructor'), edge('a', 'b')] },
    'LR',
  );
  expect(odd.nodes.get('__proto__')).toBeDefined();
  expect(odd.edges.map(Boolean)).toEqual([true, true, false]);
});

test('figures do not change the shape, another port does', () => {
  const shape = firstWorkflow();
  const key = shapeKey(shape);
  shape.edges[0]!.records = 5;
  expect(shapeKey(shape)).toBe(key);
  shape.edges[0]!.port = 'other';
  expect(shapeKey(shape)).not.toBe(key);
});
