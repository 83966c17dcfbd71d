import { expect, test } from 'vitest';
import { MessageReader } from '../src/sse';

test('a message is given once its empty line has come', () => {
  const reader = new MessageReader();
  expect(reader.push('id: 7\nevent: log\ndata: {"a":1}\n')).toEqual([]);
  expect(reader.push('\n')).toEqual([{ id: '7', event: 'log', data: '{"a":1}' }]);
});

test('a stream cut anywhere gives the same messages', () => {
  const text = ': hello\r\n\r\nid: 1\r\nevent: log\r\ndata: a\r\ndata: b\r\n\r\ndata:c\n\nevent: none\n\n';
  for (let cut = 0; cut <= text.length; cut++) {
    const reader = new MessageReader();
    const messages = [...reader.push(text.slice(0, cut)), ...reader.push(text.slice(cut))];
    expect(messages, `cut at ${cut}`).toEqual([
      { id: '1', event: 'log', data: 'a\nb' },
      { id: '1', event: 'message', data: 'c' },
    ]);
  }
});
