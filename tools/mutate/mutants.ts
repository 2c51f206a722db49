/** The mutants of a source file: each changes one token of its code, or removes one `if` that leaves the block. */
import { createHash } from "node:crypto";
import ts from "typescript-5";

export const kinds = [
  "comparison",
  "equality",
  "arithmetic",
  "logic",
  "literal",
  "code",
  "call",
  "exit",
  "await",
] as const;
export type Kind = (typeof kinds)[number];

export interface Mutant {
  /** Path from the root of the project, with forward slashes. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  /** Range of characters that {@link after} replaces. */
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
  readonly kind: Kind;
  /**
   * It is in a check that throws, itself or by a function of the file that returns `never`: in the condition before that,
   * or it removes the `if`.
   */
  readonly guard: boolean;
  /** The line of the source, trimmed. With file, column, before and after it identifies the mutant. */
  readonly text: string;
}

const operators: Readonly<Record<string, readonly [Kind, ...string[]]>> = {
  "<": ["comparison", "<=", ">="],
  "<=": ["comparison", "<", ">"],
  ">": ["comparison", ">=", "<="],
  ">=": ["comparison", ">", "<"],
  "===": ["equality", "!=="],
  "!==": ["equality", "==="],
  "+": ["arithmetic", "-"],
  "-": ["arithmetic", "+"],
  "*": ["arithmetic", "/"],
  "/": ["arithmetic", "*"],
  "%": ["arithmetic", "*"],
  "**": ["arithmetic", "*"],
  "<<": ["arithmetic", ">>"],
  ">>": ["arithmetic", "<<"],
  ">>>": ["arithmetic", "<<"],
  "&": ["arithmetic", "|"],
  "|": ["arithmetic", "&"],
  "^": ["arithmetic", "|"],
  "+=": ["arithmetic", "-="],
  "-=": ["arithmetic", "+="],
  "*=": ["arithmetic", "/="],
  "/=": ["arithmetic", "*="],
  "&&": ["logic", "||"],
  "||": ["logic", "&&"],
  "??": ["logic", "&&"],
};
const methods: Readonly<Record<string, string>> = {
  min: "max",
  max: "min",
  floor: "ceil",
  ceil: "floor",
  round: "floor",
  trunc: "ceil",
  some: "every",
  every: "some",
};
/** The form of the stable codes of errors and warnings. */
const errorCode = /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/u;

export function mutantsOf(file: string, source: string): Mutant[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ES2023, true);
  const thrown = thrower(tree);
  const { checks, conditions } = throwingChecks(tree, thrown);
  const found: Mutant[] = [];

  function isGuard(node: ts.Node): boolean {
    let above = node;
    while (!conditions.has(above) && above.parent !== undefined) above = above.parent;
    return checks.has(node) || conditions.has(above);
  }
  function add(kind: Kind, node: ts.Node, after: string, end = node.end): void {
    const start = node.getStart(tree);
    const { line, character } = tree.getLineAndCharacterOfPosition(start);
    const text = source.split("\n", line + 1)[line]!.trim();
    const place = { file, line: line + 1, column: character + 1, start, end };
    const before = source.slice(start, end);
    found.push({ ...place, before, after, kind, guard: isGuard(node), text });
  }

  function visit(node: ts.Node): void {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isDecorator(node)) return;
    mutate(node, add, tree, thrown);
    ts.forEachChild(node, visit);
  }
  visit(tree);
  return found;
}

function mutate(
  node: ts.Node,
  add: (kind: Kind, node: ts.Node, after: string, end?: number) => void,
  tree: ts.SourceFile,
  throws: Thrower,
): void {
  if (ts.isBinaryExpression(node)) {
    const [kind, ...others] = operators[node.operatorToken.getText(tree)] ?? [];
    if (kind === undefined || joinsText(node) || isChained(node)) return;
    for (const other of others) add(kind, node.operatorToken, other);
  } else if (ts.isPrefixUnaryExpression(node)) {
    const negates = node.operator === ts.SyntaxKind.ExclamationToken;
    if (!negates && node.operator !== ts.SyntaxKind.MinusToken) return;
    add(negates ? "logic" : "arithmetic", node, "", node.operand.getStart(tree));
  } else if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) {
    add("literal", node, node.kind === ts.SyntaxKind.TrueKeyword ? "false" : "true");
  } else if (ts.isNumericLiteral(node)) {
    const value = Number(node.text);
    add("literal", node, String(value + 1));
    if (value > 0) add("literal", node, String(value - 1));
  } else if (ts.isBigIntLiteral(node)) {
    add("literal", node, `${BigInt(node.text.slice(0, -1)) + 1n}n`);
  } else if (ts.isStringLiteral(node)) {
    if (ts.isCallOrNewExpression(node.parent) && errorCode.test(node.text)) add("code", node, '"other"');
  } else if (ts.isPropertyAccessExpression(node)) {
    const name = node.name.text;
    const other = Object.hasOwn(methods, name) ? methods[name] : undefined; // not those of every object
    if (other !== undefined && ts.isCallExpression(node.parent)) add("call", node.name, other);
  } else if (ts.isIfStatement(node)) {
    if (node.elseStatement === undefined && leaves(node.thenStatement, throws)) add("exit", node, ";");
  } else if (ts.isAwaitExpression(node)) {
    if (!ts.isReturnStatement(node.parent)) add("await", node, "", node.expression.getStart(tree));
  }
}

/** Sums of texts: `+` there joins messages. */
function joinsText({ operatorToken, left, right }: ts.BinaryExpression): boolean {
  if (![ts.SyntaxKind.PlusToken, ts.SyntaxKind.PlusEqualsToken].includes(operatorToken.kind)) return false;
  return [left, right].some(
    (side) =>
      ts.isStringLiteralLike(side) ||
      ts.isTemplateExpression(side) ||
      (ts.isBinaryExpression(side) && joinsText(side)),
  );
}

/** `a ?? b ?? c`, of which no part can become `&&`. */
function isChained({ operatorToken, left, parent }: ts.BinaryExpression): boolean {
  const { kind } = operatorToken;
  if (kind !== ts.SyntaxKind.QuestionQuestionToken) return false;
  return [left, parent].some((other) => ts.isBinaryExpression(other) && other.operatorToken.kind === kind);
}

/** Whether a node of a file always throws. */
type Thrower = (node: ts.Node) => boolean;

/** A `throw`, or a call of a function or method of the file whose declared result is `never`. */
function thrower(tree: ts.SourceFile): Thrower {
  const names = new Set<string>();
  function visit(node: ts.Node): void {
    if (ts.isFunctionLike(node) && node.type?.kind === ts.SyntaxKind.NeverKeyword) {
      const { name } = ts.isArrowFunction(node) && ts.isVariableDeclaration(node.parent) ? node.parent : node;
      if (name !== undefined) names.add(name.getText(tree));
    }
    ts.forEachChild(node, visit);
  }
  visit(tree);
  return function throws(node): boolean {
    if (ts.isThrowStatement(node)) return true;
    if (ts.isExpressionStatement(node)) return throws(node.expression);
    if (ts.isReturnStatement(node)) return node.expression !== undefined && throws(node.expression);
    if (!ts.isCallExpression(node)) return false;
    const called = node.expression;
    const isOwn =
      ts.isPropertyAccessExpression(called) && called.expression.kind === ts.SyntaxKind.ThisKeyword;
    return names.has((isOwn ? called.name : called).getText(tree));
  };
}

const lastOf = (statement: ts.Statement): ts.Statement | undefined =>
  ts.isBlock(statement) ? statement.statements.at(-1) : statement;

function leaves(statement: ts.Statement, throws: Thrower): boolean {
  const last = lastOf(statement);
  if (last === undefined) return false;
  return throws(last) || ts.isReturnStatement(last) || ts.isBreakOrContinueStatement(last);
}

/**
 * The `if` statements that throw, and the conditions that decide on that: in their branch, behind it, or in an expression
 * with `?`.
 */
function throwingChecks(
  tree: ts.SourceFile,
  throws: Thrower,
): Readonly<Record<"checks" | "conditions", ReadonlySet<ts.Node>>> {
  const checks = new Set<ts.Node>();
  const conditions = new Set<ts.Node>();

  function visit(node: ts.Node): void {
    if (ts.isIfStatement(node)) {
      const siblings = "statements" in node.parent ? (node.parent.statements as readonly ts.Statement[]) : [];
      const next = siblings[siblings.indexOf(node) + 1];
      const last = lastOf(node.thenStatement);
      if (last !== undefined && throws(last)) checks.add(node);
      const isBefore = next !== undefined && leaves(node.thenStatement, throws) && throws(next);
      if (checks.has(node) || isBefore) conditions.add(node.expression);
    } else if (ts.isConditionalExpression(node) && [node.whenTrue, node.whenFalse].some(throws)) {
      conditions.add(node.condition);
    }
    ts.forEachChild(node, visit);
  }
  visit(tree);
  return { checks, conditions };
}

/** One mutant of each token, in an order that depends on the seed and on each mutant alone. */
export function shuffled(mutants: readonly Mutant[], seed: string): Mutant[] {
  const tokens = new Set<string>();
  return mutants
    .map((mutant) => ({
      mutant,
      rank: createHash("sha256")
        .update(`${seed} ${keyOf(mutant)}`)
        .digest("hex"),
    }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ mutant }) => mutant)
    .filter(({ file, start, end }) => {
      const token = `${file} ${start} ${end}`;
      return !tokens.has(token) && tokens.add(token);
    });
}

/** Identifies a mutant while its line stays as it is, wherever the line moves in its file. */
export function keyOf({ file, text, column, before, after }: Mutant): string {
  return `${file} | ${text} | ${column}: ${before.split("\n")[0]} → ${after}`;
}

export function apply(source: string, { start, end, after }: Mutant): string {
  return source.slice(0, start) + after + source.slice(end);
}
