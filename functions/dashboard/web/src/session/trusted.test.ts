import { describe, expect, it } from 'vitest';
import { isOfGoogle } from './trusted';

describe('the address of a script', () => {
  it.each(['https://apis.google.com/js/api.js', 'https://apis.google.com/js/api.js?onload=__iframefcb123'])('may be %s', (address) =>
    expect(isOfGoogle(address)).toBe(true),
  );
  it.each([
    'https://apis.google.com/js/api.js.map',
    'https://apis.google.com/js/../js/other.js',
    'https://apis.google.com.evil.example/js/api.js',
    'https://evil.example/?https://apis.google.com/js/api.js',
    'http://apis.google.com/js/api.js',
    '//apis.google.com/js/api.js',
    'data:text/javascript,1',
    '/js/api.js',
    '',
  ])('may not be `%s`', (address) => expect(isOfGoogle(address)).toBe(false));
});
