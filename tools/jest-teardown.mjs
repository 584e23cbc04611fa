export { teardown as default } from './jest-templates.mjs';
