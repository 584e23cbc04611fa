import { testExamples } from '../support/documents/examples.js';

testExamples('docs/publishing.md');
