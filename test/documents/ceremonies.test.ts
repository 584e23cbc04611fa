import { testExamples } from '../support/documents/examples.js';

testExamples('docs/ceremonies.md');
