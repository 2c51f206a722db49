/**
 * YAML of bounded size: 1.2's core schema, no tags that construct, no merge keys, few aliases. The tokens are counted before
 * anything is built from them, since the parser calls itself for what is nested, and its check of keys compares all with all.
 */
import { CST, Lexer, isScalar, parseDocument, visit } from "yaml";
import type { Document } from "yaml";
import { malformed } from "../../src/checkpoints/malformed.ts";

/** A configuration has a thousand tokens; one with a vocabulary of 8,404 entries has 34,000. */
const maxTokens = 50_000;
const maxCharacters = 2 ** 20;
/** Levels within brackets, marks of nesting in a line outside of them, and columns of indentation. */
const maxFlowDepth = 32;
const maxMarks = 16;
const maxIndentation = 128;
const maxAliases = 100;

/** Throws `checkpoint_malformed` for what is no YAML, or beyond these bounds; `where` is the file in messages. */
export function parseYaml(text: string, where: string): unknown {
  if (text.length > maxCharacters)
    throw malformed(where, `${text.length} characters`, `YAML of at most ${maxCharacters}`);
  const excess = findExcess(text);
  if (excess !== undefined) throw malformed(where, `more than ${excess}`, "YAML of a configuration's size");
  const document = parseDocument(text, {
    schema: "core",
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const line = text.slice(0, fault.pos[0]).split("\n").length;
    throw malformed(where, `${fault.message.split("\n")[0] ?? "not YAML"} at line ${line}`, "YAML", fault);
  }
  const twice = findRepeatedKey(document);
  if (twice !== undefined)
    throw malformed(where, `the key ${JSON.stringify(twice).slice(0, 80)} twice`, "unique keys");
  try {
    return document.toJS({ maxAliasCount: maxAliases }) as unknown;
  } catch (cause) {
    throw malformed(where, "too many aliases", `YAML with at most ${maxAliases}`, cause);
  }
}

/** What the text has too much of. The lexer takes one token after the other, without a stack. */
function findExcess(text: string): string | undefined {
  let [tokens, aliases, flowDepth, marks] = [0, 0, 0, 0];
  let lineStarts = true;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token);
    tokens++;
    if (type === "alias") aliases++;
    else if (type === "flow-seq-start" || type === "flow-map-start") flowDepth++;
    else if (type === "flow-seq-end" || type === "flow-map-end") flowDepth = Math.max(0, flowDepth - 1);
    else if (type === "newline") marks = 0;
    else if (type === "seq-item-ind" || type === "explicit-key-ind" || type === "map-value-ind") {
      if (flowDepth === 0) marks++;
    } else if (type === "space" && lineStarts && token.length > maxIndentation) {
      return `${maxIndentation} columns of indentation`;
    }
    lineStarts = type === "newline";
    if (tokens > maxTokens) return `${maxTokens} tokens`;
    if (aliases > maxAliases) return `${maxAliases} aliases`;
    if (flowDepth > maxFlowDepth || marks > maxMarks) return `${maxFlowDepth} nested levels`;
  }
  return undefined;
}

function findRepeatedKey(document: Document): unknown {
  let repeated: unknown;
  visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        const value: unknown = isScalar(key) ? key.value : key;
        if (seen.has(value)) {
          repeated = value;
          return visit.BREAK;
        }
        seen.add(value);
      }
      return undefined;
    },
  });
  return repeated;
}
