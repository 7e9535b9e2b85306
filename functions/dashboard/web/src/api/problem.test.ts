import { describe, expect, it } from 'vitest';
import { problemOf } from './problem';

const answer = (status: number, body: string, headers = {}) => new Response(body, { status, headers });

describe('a problem', () => {
  it('names its fields and the request', async () => {
    const details = {
      title: 'The request is not valid',
      code: 'INVALID_ARGUMENT',
      request_id: 'r1',
      errors: [{ field: 'spec.interval_seconds', message: 'is at least 10' }],
    };
    const problem = await problemOf(answer(422, JSON.stringify(details)));
    expect(problem.field('interval_seconds')).toBe('is at least 10');
    expect(problem.field('seconds')).toBeUndefined();
    expect(problem.requestId).toBe('r1');
    expect(problem.conflict).toBe(false);
  });
  it('is one also when the answer is none', async () => {
    const problem = await problemOf(answer(503, '<html>', { 'retry-after': '3', 'x-request-id': 'r2' }));
    expect([problem.status, problem.retryAfter, problem.requestId]).toEqual([503, 3, 'r2']);
  });
});
