/**
 * The process that holds one PKCS#11 module. Vendors' modules crash and hang, and then only this process is lost. It
 * carries out requests from descriptor 3 and decides nothing.
 */
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { wipe } from '../../common/bytes.js';
import { failureOf } from './failure.js';
import { encodeFrame, type Frame, FrameReader } from './frames.js';
import { Module } from './loaded-module.js';
import type { Answer, Request } from './protocol.js';

const CHANNEL = 3;
/** How long a module may take to finish after the program has ended, before the process is killed. */
const GRACE_SECONDS = 5;

interface Done {
  readonly value: unknown;
  readonly body?: Uint8Array;
}

async function carryOut(module: Module, request: Request, body: Uint8Array): Promise<Done> {
  switch (request.op) {
    case 'load':
      return { value: await module.load(request.module, request.parameters) };
    case 'slots':
      return { value: module.slots() };
    case 'mechanisms':
      return { value: module.mechanisms(request.slot) };
    case 'open':
      return { value: module.open(request.slot) };
    case 'login':
      return { value: await module.login(request.by, body) };
    case 'find':
      return { value: module.find(request.template) };
    case 'read':
      return { value: module.read(request.object, request.types) };
    case 'generate':
      return { value: module.generate(request) };
    case 'destroy':
      return { value: module.destroy(request.object) };
    case 'set':
      return { value: module.set(request.object, request.template) };
    case 'sign':
      return { value: null, body: module.sign(request, body) };
    case 'init-token':
      return { value: module.initToken(request.slot, request.label, body) };
    case 'init-pin':
      return { value: module.initPin(body) };
    case 'close':
      module.close();
      return { value: null };
  }
}

async function answer(module: Module, { header, body }: Frame): Promise<Uint8Array> {
  let reply: Answer;
  let replyBody: Uint8Array | undefined;
  try {
    const done = await carryOut(module, header as Request, body);
    reply = { ok: true, value: done.value ?? null };
    replyBody = done.body;
  } catch (error) {
    reply = { ok: false, failure: failureOf(error) };
  } finally {
    wipe(body);
  }
  return encodeFrame(reply, replyBody);
}

/** Starts a second thread that ends this process if the program is gone and a call into the module does not return. */
function watchParent(): void {
  const watch = `let gone = 0; const parent = process.ppid;
    setInterval(() => { if (process.ppid !== parent && ++gone > ${String(GRACE_SECONDS)}) process.kill(process.pid, 'SIGKILL'); }, 1000);`;
  new Worker(watch, { eval: true }).unref();
}

/** Serves descriptor 3 until it is closed. */
export function serveModule(): void {
  // Ctrl-C goes to every process of the terminal; this one logs out and ends when its channel is closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const module = new Module();
  const reader = new FrameReader();
  const socket = new Socket({ fd: CHANNEL, readable: true, writable: true });
  let queue = Promise.resolve();
  const end = (): void => {
    module.close();
    process.exit();
  };
  socket.on('data', (chunk: Buffer) => {
    const frames = reader.push(chunk);
    chunk.fill(0);
    for (const frame of frames) {
      queue = queue.then(async () => {
        socket.write(await answer(module, frame));
      });
    }
  });
  socket.on('end', () => void queue.then(end, end));
  socket.on('error', end);
  watchParent();
}
