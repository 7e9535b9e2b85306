// People in browsers: each has a context of their own, as on a machine of their own.

import { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { address } from './place.js';

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--force-color-profile=srgb', '--font-render-hinting=none',
];
export const DESK = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };
/** What a page may take under load; a story fails sooner only by what it sees. */
const PATIENCE_MS = 20_000;

const SEVERE = /Content Security Policy|TrustedHTML|TrustedScript/;
/** What the network answers is for the page to tell: stories refuse things, and take the network away. */
const ANSWER = /^Failed to load resource/;

/** What the browser said that nobody may say: errors of scripts, refusals of the content security policy. */
export const complaints = [];
/** Still a promise: hooks of a file run side by side, and another may ask for the browser while it starts. */
let browser;

/** Starts the browser for the stories of a file, and ends it. */
export function inChromium() {
  before(() => (browser = chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS })));
  after(async () => (await browser)?.close());
}

/** Opens a browser of somebody's own. */
export async function open({ viewport = DESK, colorScheme = 'light', path = '/' } = {}) {
  const context = await (await browser).newContext({ viewport, colorScheme, reducedMotion: 'reduce', baseURL: address });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (SEVERE.test(message.text()) || (message.type() === 'error' && !ANSWER.test(message.text()))) complaints.push(message.text());
  });
  await page.goto(path);
  return page;
}

/** Opens a browser in which a seeded person is signed in, at a path. */
export async function as(who, { path = '/', ...options } = {}) {
  const page = await open({ ...options, path });
  await signIn(page, `${who}@meridian.example`, `${who}-local`);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  return page;
}

export async function signIn(page, email, password) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation').first().waitFor();
}

export const leave = (page) => page.context().close();
