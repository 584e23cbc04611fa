import { testExamples } from '../support/documents/examples.js';

testExamples('docs/rotation-and-loss.md');
