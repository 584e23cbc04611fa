/** For Node only: the second engine, on OpenSSL. */
export { nodeEngine } from './crypto/node-engine.js';
