import { describe, expect, it } from 'vitest';
import { ERROR_CATALOGUE } from '../../src/domain/errors.js';
import { errorPage } from './error-page.js';

describe('the error catalogue', () => {
  it('is what docs/errors.md says (else: npm run docs:errors)', async () => {
    await expect(errorPage()).toMatchFileSnapshot('../../docs/errors.md');
  });

  it('calls retryable only what the same call may get past: the caller itself is never at fault there', () => {
    const faultOfTheCaller = Object.entries(ERROR_CATALOGUE).filter(
      ([code, { status, retryable }]) => retryable && status < 500 && code !== 'RATE_LIMITED',
    );
    expect(faultOfTheCaller).toEqual([]);
  });
});
