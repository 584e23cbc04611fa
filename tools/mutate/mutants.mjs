// What can be changed in a source file so that a test ought to notice. Texts for people are left alone, and so is what
// chooses between them. Optional chaining is not changed: without its `?.` a file doesn't compile here.
import ts from 'typescript';

const K = ts.SyntaxKind;
const SWAPS = new Map([
  [K.LessThanToken, ['<=', '>=']],
  [K.LessThanEqualsToken, ['<', '>']],
  [K.GreaterThanToken, ['>=', '<=']],
  [K.GreaterThanEqualsToken, ['>', '<']],
  [K.EqualsEqualsEqualsToken, ['!==']],
  [K.ExclamationEqualsEqualsToken, ['===']],
  [K.AmpersandAmpersandToken, ['||']],
  [K.BarBarToken, ['&&']],
  [K.PlusToken, ['-']],
  [K.MinusToken, ['+']],
  [K.AsteriskToken, ['/']],
  [K.SlashToken, ['*']],
  [K.PercentToken, ['*']],
  [K.LessThanLessThanToken, ['>>']],
  [K.GreaterThanGreaterThanToken, ['<<']],
  [K.AmpersandToken, ['|']],
  [K.BarToken, ['&']],
  [K.CaretToken, ['|']],
  [K.PlusEqualsToken, ['-=']],
  [K.MinusEqualsToken, ['+=']],
]);
const METHODS = new Map([
  ['some', 'every'],
  ['every', 'some'],
  ['min', 'max'],
  ['max', 'min'],
  ['startsWith', 'endsWith'],
  ['endsWith', 'startsWith'],
  ['find', 'findLast'],
  ['findLast', 'find'],
  ['indexOf', 'lastIndexOf'],
  ['lastIndexOf', 'indexOf'],
]);
/** Methods whose object can stand for their result. */
const DROPPED = new Set(['filter', 'sort', 'toSorted', 'reverse', 'slice', 'subarray', 'trim']);
const TEXT_PROPERTIES = new Set(['hint', 'message', 'text', 'reason', 'source', 'what', 'title']);
const ERRORS = /^(refused|usage|couldNot|wrongInput|notThis|damaged|CeremonyError|Error)$/;

const isText = (node) =>
  ts.isTemplateExpression(node) || (ts.isStringLiteralLike(node) && (node.text.includes(' ') || node.text === ''));

/** Whether a node, and all in it, is a text for people, or makes one. */
function makesText(node) {
  if (ts.isTemplateExpression(node)) return true;
  if (ts.isConditionalExpression(node)) return isText(node.whenTrue) || isText(node.whenFalse);
  if (ts.isPropertyAssignment(node)) return TEXT_PROPERTIES.has(node.name.getText());
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return false;
  return ts.isThrowStatement(node.parent) || ERRORS.test(node.expression.getText());
}

const isSkipped = (node) =>
  ts.isTypeNode(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isImportDeclaration(node) ||
  ts.isExportDeclaration(node) ||
  makesText(node);

/** What stands in a node's place: `[text, what was changed]`, for each way to change it. */
function* changesOf(node) {
  const text = (part) => part.getText();
  const { parent } = node;
  if (ts.isBinaryExpression(node)) {
    const { left, operatorToken: operator, right } = node;
    for (const other of SWAPS.get(operator.kind) ?? [])
      yield [`${text(left)} ${other} ${text(right)}`, `${text(operator)} → ${other}`];
    if (operator.kind === K.QuestionQuestionToken) yield [text(right), `left of ?? dropped`];
  }
  if (ts.isPrefixUnaryExpression(node)) {
    const operand = text(node.operand);
    if (node.operator === K.ExclamationToken) yield [operand, '! dropped'];
    if (node.operator === K.PlusPlusToken) yield [`--${operand}`, '++ → --'];
  }
  if (ts.isPostfixUnaryExpression(node) && node.operator === K.PlusPlusToken)
    yield [`${text(node.operand)}--`, '++ → --'];
  if (ts.isIfStatement(parent) || ts.isConditionalExpression(parent)) {
    const condition = ts.isIfStatement(parent) ? parent.expression : parent.condition;
    if (condition === node) for (const other of ['true', 'false']) yield [other, `condition → ${other}`];
  }
  if (node.kind === K.TrueKeyword) yield ['false', 'true → false'];
  if (node.kind === K.FalseKeyword) yield ['true', 'false → true'];
  if (ts.isNumericLiteral(node)) yield [String(Number(node.text) + 1), `${text(node)} → + 1`];
  if (ts.isBigIntLiteral(node)) yield [`(${text(node)} + 1n)`, `${text(node)} → + 1n`];
  if (node.kind === K.RegularExpressionLiteral) {
    const [, pattern, flags] = /^\/(.*)\/(\w*)$/s.exec(text(node));
    if (pattern.startsWith('^')) yield [`/${pattern.slice(1)}/${flags}`, '^ dropped'];
    if (pattern.endsWith('$')) yield [`/${pattern.slice(0, -1)}/${flags}`, '$ dropped'];
  }
  if (ts.isArrayLiteralExpression(node) && node.elements.length > 0) yield ['[]', 'array → []'];
  if (ts.isReturnStatement(parent) && text(node) !== 'undefined') yield ['undefined', 'returned value → undefined'];
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
  const { expression: object, name, questionDotToken: dot } = node.expression;
  const other = METHODS.get(name.text);
  const called = node.getText().slice(node.expression.getText().length);
  if (other !== undefined) yield [`${text(object)}${dot ? '?.' : '.'}${other}${called}`, `${name.text} → ${other}`];
  if (DROPPED.has(name.text)) yield [text(object), `${name.text} dropped`];
  if (name.text === 'at' && called === '(-1)') yield [`${text(object)}${dot ? '?.' : '.'}at(0)`, 'at(-1) → at(0)'];
}

const isRemovable = (node) =>
  ts.isExpressionStatement(node) ||
  ts.isThrowStatement(node) ||
  ts.isContinueStatement(node) ||
  (ts.isReturnStatement(node) && node.expression === undefined);

/**
 * Places where an expression can't be put in parentheses with others: the left of an assignment, a link of an optional
 * chain, a name.
 */
function isFixed(node) {
  const { parent } = node;
  if (ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind === K.EqualsToken) return true;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return true;
  return ts.isOptionalChain(parent) && parent.expression === node;
}

/**
 * All mutants of one file, in the order of the text: `{ start, end, text, change, line, code, removes }`; `code` is the
 * line that it is in, trimmed.
 */
export function mutantsOf(source) {
  const file = ts.createSourceFile('file.ts', source, ts.ScriptTarget.ES2022, true);
  const lines = source.split('\n');
  const found = [];
  const add = (node, text, change, removes) => {
    const [start, end] = [node.getStart(), node.getEnd()];
    const { line } = file.getLineAndCharacterOfPosition(start);
    found.push({ start, end, text, change, line: line + 1, code: lines[line].trim(), removes });
  };
  const visit = (node) => {
    if (isSkipped(node)) return;
    if (isRemovable(node)) add(node, '{}', `removed: ${node.getText().split(/[\n(]/)[0]}`, true);
    else if (!ts.isStatement(node) && node.parent !== undefined && !isFixed(node))
      for (const [text, change] of changesOf(node)) add(node, text, change, false);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The source with every mutant of `mutants` in it; `$m(id)` says which one lives. */
export function withSwitches(source, mutants) {
  const places = new Map();
  for (const one of mutants) {
    const key = `${one.start}-${one.end}`;
    places.set(key, [...(places.get(key) ?? []), one]);
  }
  const nodes = [...places.values()].sort(([a], [b]) => a.start - b.start || b.end - a.end);
  let next = 0;
  const emit = (from, to) => {
    let out = '';
    let at = from;
    while (next < nodes.length && nodes[next][0].start < to) {
      const here = nodes[next++];
      const { start, end, removes } = here[0];
      out += source.slice(at, start);
      const own = emit(start, end);
      out += removes
        ? `{if(!$m(${here[0].id})){${own}}}`
        : `(${here.map(({ id, text }) => `$m(${id})?(${text}):`).join('')}(${own}))`;
      at = end;
    }
    return out + source.slice(at, to);
  };
  return emit(0, source.length);
}
