import { expect, it } from 'vitest';
import { NewestPending } from '../../../src/ocpp/blocks/newest-pending.js';

it('sends one order per key at a time, and of those that wait only the newest; all get its answer', async () => {
  const sent: string[] = [];
  const answers: ((text: string) => void)[] = [];
  const line = new NewestPending<number, string, string>((key, order) => {
    sent.push(`${key} ${order}`);
    return new Promise((resolve) => answers.push(resolve));
  });
  const first = line.push(1, 'a');
  const late = [line.push(1, 'b'), line.push(1, 'c'), line.push(1, 'd')];
  void line.push(2, 'x');
  expect(sent).toEqual(['1 a', '2 x']);
  answers[0]!('took a');
  expect(await first).toBe('took a');
  await Promise.resolve();
  expect(sent).toEqual(['1 a', '2 x', '1 d']);
  answers[2]!('took d');
  expect(await Promise.all(late)).toEqual(['took d', 'took d', 'took d']);
});

it('goes on after a failed order', async () => {
  let count = 0;
  const line = new NewestPending<number, string, string>(async (_, order) => {
    count += 1;
    if (count === 1) throw new Error('away');
    return order;
  });
  const first = line.push(1, 'a');
  const second = line.push(1, 'b');
  await expect(first).rejects.toThrow('away');
  expect(await second).toBe('b');
  expect(await line.push(1, 'c')).toBe('c');
});
