import { describe, expect, it } from 'vitest';
import { parseConfig } from './config';

const whole = {
  project: 'demo-mesh',
  apiKey: 'k',
  authDomain: 'd',
  api: '/api/v1',
  emulators: { auth: 'http://127.0.0.1:1', firestore: 'http://127.0.0.1:2' },
  version: '1',
  environment: 'local',
};

describe('the configuration', () => {
  it('is taken as it is', () => expect(parseConfig(whole)).toEqual(whole));
  it('may have no emulators', () => {
    expect(parseConfig({ ...whole, emulators: undefined }).emulators).toBeNull();
  });
  it('names what is missing', () => {
    expect(() => parseConfig({ ...whole, apiKey: '' })).toThrow('`apiKey`');
    expect(() => parseConfig({ ...whole, emulators: { auth: 'x', firestore: 'y' } })).toThrow('`emulators.auth`');
    expect(() => parseConfig(null)).toThrow('not an object');
  });
});
