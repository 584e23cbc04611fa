import { testExamples } from '../support/documents/examples.js';

testExamples('docs/hsm.md', ['softhsm2-util']);
