import { testExamples } from '../support/documents/examples.js';

testExamples('CONTRIBUTING.md');
