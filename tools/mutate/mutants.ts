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
  /** It is in a check that throws: in the condition of an `if` before a `throw`, or it removes that `if`. */
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
  const { checks, conditions } = throwingChecks(tree);
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
    mutate(node, add, tree);
    ts.forEachChild(node, visit);
  }
  visit(tree);
  return found;
}

function mutate(
  node: ts.Node,
  add: (kind: Kind, node: ts.Node, after: string, end?: number) => void,
  tree: ts.SourceFile,
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
    if (node.elseStatement === undefined && leaves(node.thenStatement)) add("exit", node, ";");
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

function leaves(statement: ts.Statement | undefined): boolean {
  if (statement === undefined) return false;
  if (ts.isBlock(statement)) return leaves(statement.statements.at(-1));
  return (
    ts.isThrowStatement(statement) ||
    ts.isReturnStatement(statement) ||
    ts.isBreakOrContinueStatement(statement)
  );
}

/** The `if` statements that throw, and the conditions that decide on a `throw` in their branch or behind it. */
function throwingChecks(
  tree: ts.SourceFile,
): Readonly<Record<"checks" | "conditions", ReadonlySet<ts.Node>>> {
  const checks = new Set<ts.Node>();
  const conditions = new Set<ts.Node>();
  const throws = (statement: ts.Statement | undefined): boolean =>
    statement !== undefined &&
    (ts.isBlock(statement) ? throws(statement.statements.at(-1)) : ts.isThrowStatement(statement));

  function visit(node: ts.Node): void {
    if (ts.isIfStatement(node)) {
      const siblings = "statements" in node.parent ? (node.parent.statements as readonly ts.Statement[]) : [];
      const next = siblings[siblings.indexOf(node) + 1];
      if (throws(node.thenStatement)) checks.add(node);
      if (checks.has(node) || (leaves(node.thenStatement) && throws(next))) conditions.add(node.expression);
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
