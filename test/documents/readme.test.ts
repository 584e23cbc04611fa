import { testExamples } from '../support/documents/examples.js';

testExamples('README.md');
