import { testExamples } from '../support/documents/examples.js';

testExamples('docs/client-developer.md');
