export * from '../credential/checks.js';
