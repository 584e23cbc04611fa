/** What holds of every page that the program makes, in its text and in a real browser. */
import { join } from 'node:path';
import { afterAll, expect } from '@jest/globals';
import { run } from '../cli/cli.js';
import { newFolder } from '../cli/cli-authority.js';
import { Browser, CHROMIUM, type View } from './chromium.js';
import { hasTool, testWhere } from './tools.js';

/** Desk and telephone, light and dark. */
export const VIEWS: readonly View[] = [
  { width: 1280, height: 900 },
  { width: 1280, height: 900, dark: true },
  { width: 390, height: 844, mobile: true },
  { width: 320, height: 600, mobile: true, dark: true },
];

/** No script, nothing that is loaded, and a policy that says so. */
export function expectStandsAlone(page: string): void {
  expect(page).not.toMatch(
    /<script|<link|<img|<iframe|<object|<embed|<form|@import|url\(|<[^>]*\s(on[a-z]+|style|src)=/i,
  );
  expect(page).toMatch(
    /<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-[A-Za-z0-9+/]{43}=&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"/,
  );
  for (const [, target = ''] of page.matchAll(/href="([^"]*)"/g)) expect(page).toContain(`id="${target.slice(1)}"`);
}

/** Nothing is wider than the page, nothing is refused or asked for, and the style sheet is taken. */
export async function expectFits(browser: Browser, file: string, view: View): Promise<void> {
  const url = `file://${file}`;
  await browser.open(url, view);
  expect(await browser.evaluate('getComputedStyle(document.querySelector("dl > div")).display')).toBe('grid');
  expect(await browser.evaluate('document.documentElement.scrollWidth')).toBe(view.width);
  const wide =
    'Array.from(document.querySelectorAll("body *")).filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 80))';
  expect(await browser.evaluate(wide)).toEqual([]);
  expect(browser.complaints()).toEqual([]);
  expect(browser.requests().filter((address) => address !== url)).toEqual([]);
}

/** What a camera reads off each QR code of the page that is open; undefined without zbarimg. */
export async function qrCodesOf(browser: Browser): Promise<readonly string[] | undefined> {
  if (!hasTool('zbarimg')) return undefined;
  const count = Number(await browser.evaluate('document.querySelectorAll(".qr").length'));
  const codes: string[] = [];
  for (let i = 0; i < count; i++) {
    const image = join(newFolder(), 'code.png');
    await browser.screenshotOf('.qr', i, image);
    const { stdout } = run(['zbarimg', '--raw', '-q', '-Sdisable', '-Sqrcode.enable', image]);
    codes.push(stdout.trim());
  }
  return codes;
}

/** The text of each printed sheet. */
export async function sheetsOf(browser: Browser, file: string): Promise<readonly string[]> {
  await browser.open(`file://${file}`, { width: 1280, height: 900 });
  const pdf = join(newFolder(), 'page.pdf');
  await browser.pdf(pdf);
  const { stdout, status } = run(['pdftotext', '-layout', pdf, '-']);
  expect(status).toBe(0);
  return stdout.split('\f').slice(0, -1);
}

/** Defines tests that share one browser. */
export function browserTests(): (
  name: string,
  action: (browser: Browser) => Promise<void>,
  ...tools: string[]
) => void {
  let browser: Browser | undefined;
  afterAll(async () => browser?.end());
  return (name, action, ...tools) =>
    testWhere(
      CHROMIUM !== undefined && tools.every(hasTool),
      ['chromium', ...tools].join(' and '),
      name,
      async () => action((browser ??= await Browser.start())),
      120_000,
    );
}
