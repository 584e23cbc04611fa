/** A headless Chromium, driven over its debugging pipe: looks at a page as a person does, at a given width. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { hasTool } from './tools.js';

export const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].find(hasTool);

export interface View {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
  /** As a telephone shows it: the viewport of the page counts. */
  readonly mobile?: boolean;
  readonly print?: boolean;
}

export class Browser {
  readonly #profile = mkdtempSync(join(tmpdir(), 'as-ceremony-chromium-'));
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #events: { readonly method: string; readonly params: unknown }[] = [];
  readonly #to: Writable;
  #session = '';
  #id = 0;

  private constructor(program: string) {
    const switches = [
      '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking',
      '--disable-component-update --disable-sync --hide-scrollbars --remote-debugging-pipe',
    ];
    this.#process = spawn(
      program,
      [...switches.join(' ').split(' '), `--user-data-dir=${this.#profile}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true },
    );
    this.#to = this.#process.stdio[3] as Writable;
    this.#listen(this.#process.stdio[4] as Readable);
  }

  static async start(): Promise<Browser> {
    const browser = new Browser(CHROMIUM ?? 'chromium');
    const { targetId } = await browser.#send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.#send('Target.attachToTarget', { targetId, flatten: true });
    browser.#session = String(sessionId);
    for (const domain of ['Page', 'Log', 'Network', 'Accessibility']) await browser.#send(`${domain}.enable`);
    return browser;
  }

  #listen(from: Readable): void {
    let rest = Buffer.alloc(0);
    from.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        const message = JSON.parse(rest.subarray(0, end).toString()) as Message;
        rest = rest.subarray(end + 1);
        if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
        else if (message.method !== undefined) this.#events.push({ method: message.method, params: message.params });
      }
    });
  }

  #send(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#id;
    const session = this.#session === '' ? {} : { sessionId: this.#session };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        this.#waiting.delete(id);
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
      this.#to.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    });
  }

  async #event(method: string): Promise<void> {
    for (;;) {
      const at = this.#events.findIndex((event) => event.method === method);
      if (at >= 0) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Opens a page, and waits until it has loaded. */
  async open(url: string, { width, height, dark = false, mobile = false, print = false }: View): Promise<void> {
    await this.#send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile });
    const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }];
    await this.#send('Emulation.setEmulatedMedia', { media: print ? 'print' : '', features });
    this.#events.length = 0;
    await this.#send('Page.navigate', { url });
    await this.#event('Page.loadEventFired');
  }

  /** The value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.#send('Runtime.evaluate', { expression, returnByValue: true });
    return (result as { value?: unknown }).value;
  }

  /** What the browser had to say of the page: refusals of its policy, among others. */
  complaints(): readonly unknown[] {
    return this.#events.filter(({ method }) => method === 'Log.entryAdded').map(({ params }) => params);
  }

  /** Addresses that the page had loaded, its own among them. */
  requests(): readonly string[] {
    return this.#events
      .filter(({ method }) => method === 'Network.requestWillBeSent')
      .map(({ params }) => (params as { request: { url: string } }).request.url);
  }

  /** The whole page as a PNG. */
  async screenshot(file: string): Promise<void> {
    const { data } = await this.#send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true });
    writeFileSync(file, Buffer.from(String(data), 'base64'));
  }

  /** A part of the page as a PNG: the `nth` element that fits a selector. */
  async screenshotOf(selector: string, nth: number, file: string): Promise<void> {
    const box = `(({ left, top, width, height }) => ({ x: left + scrollX, y: top + scrollY, width, height }))(document.querySelectorAll('${selector}')[${String(nth)}].getBoundingClientRect())`;
    const clip = { ...((await this.evaluate(box)) as object), scale: 2 };
    const { data } = await this.#send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true, clip });
    writeFileSync(file, Buffer.from(String(data), 'base64'));
  }

  /** The page as a person prints it, without the browser's own head and foot; A4. */
  async pdf(file: string): Promise<void> {
    const { data } = await this.#send('Page.printToPDF', { paperWidth: 8.27, paperHeight: 11.69 });
    writeFileSync(file, Buffer.from(String(data), 'base64'));
  }

  /** Roles and names, as a screen reader has them. */
  async accessible(): Promise<readonly { readonly role: string; readonly name: string }[]> {
    const { nodes } = await this.#send('Accessibility.getFullAXTree');
    return (nodes as readonly AccessibleNode[])
      .filter(({ ignored }) => !ignored)
      .map(({ role, name }) => ({ role: role?.value ?? '', name: name?.value ?? '' }));
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    // With the processes that it started itself.
    if (this.#process.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL');
    await ended;
    for (const stream of this.#process.stdio) stream?.destroy();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface AccessibleNode {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}
