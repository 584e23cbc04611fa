import { testExamples } from '../support/documents/examples.js';

testExamples('docs/operator.md');
