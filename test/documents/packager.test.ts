import { testExamples } from '../support/documents/examples.js';

testExamples('docs/packager.md');
