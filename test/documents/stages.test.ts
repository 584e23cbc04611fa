import { testExamples } from '../support/documents/examples.js';

testExamples('docs/stages.md');
