import { test } from '@jest/globals';
import { authorityWith } from '../../support/cli/cli-authority.js';
import { expectJsonRefusal } from '../../support/cli/cli-errors.js';

test('two keys do not differ only in case: a stick may hold one of them', () => {
  const scene = authorityWith('root');
  const request = ['intermediate', 'request', '--key', 'file:keys/ROOT-1.age'];
  const says = /differ only in case/;
  expectJsonRefusal(scene.json(request), { status: 2, code: 'usage', says, hint: 'another name' });
});
