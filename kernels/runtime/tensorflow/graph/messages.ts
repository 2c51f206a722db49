/**
 * The messages of a SavedModel that TensorFlow reads, from plain descriptions: tensorflow/core/framework's
 * node_def, attr_value, function, graph and protobuf/{meta_graph,saved_model}.proto. Field numbers are theirs.
 */
import type { Shape } from "../../../kernel.ts";
import type { Attr } from "../op-builder.ts";
import { types } from "../native.ts";
import type { Type } from "../native.ts";
import { bytes, float, integer, map, message, signed, text } from "./protobuf.ts";
import type { Message } from "./protobuf.ts";

/** Attributes that operations of graphs have, in addition to those of single operations. */
export type GraphAttr =
  | Attr
  | { readonly shape: Shape }
  | { readonly types: readonly Type[] }
  | { readonly shapes: readonly Shape[] }
  | { readonly function: string }
  | { readonly tensor: { readonly type: Type; readonly shape: Shape; readonly content: Uint8Array } };

export interface Node {
  readonly name: string;
  readonly op: string;
  /** `node:output:index` within a function, `node:index` outside; `^node` for order only. */
  readonly inputs: readonly string[];
  readonly attrs: { readonly [name: string]: GraphAttr };
}

export interface Argument {
  readonly name: string;
  readonly type: Type;
}

export interface FunctionBody {
  readonly name: string;
  readonly inputs: readonly Argument[];
  readonly outputs: readonly (Argument & { readonly from: string })[];
  readonly nodes: readonly Node[];
  /** Whether XLA compiles it, as a whole. */
  readonly compiled: boolean;
}

/** A graph with its functions, tagged `serve`. */
export function savedModel(nodes: readonly Node[], functions: readonly FunctionBody[]): Message {
  const library = message(...functions.map((body) => bytes(1, functionDef(body))));
  const versions = integer(1, producer);
  const graph = message(
    ...nodes.map((node) => bytes(1, nodeDef(node))),
    bytes(2, library),
    bytes(4, versions),
  );
  const info = message(text(4, "serve"), text(5, "2.21.0"));
  return message(integer(1, 1), bytes(2, message(bytes(1, info), bytes(2, graph))));
}

/** The version of graphs that these messages follow (tensorflow/core/public/version.h). */
const producer = 1087;

export function nodeDef({ name, op, inputs, attrs }: Node): Message {
  return message(
    text(1, name),
    text(2, op),
    ...inputs.map((input) => text(3, input)),
    map(
      5,
      Object.entries(attrs).map(([key, attr]) => [key, attrValue(attr)] as const),
    ),
  );
}

export function functionDef({ name, inputs, outputs, nodes, compiled }: FunctionBody): Message {
  const argDef = ({ name, type }: Argument): Message => message(text(1, name), integer(3, types[type]));
  const signature = message(
    text(1, name),
    ...inputs.map((input) => bytes(2, argDef(input))),
    ...outputs.map((output) => bytes(3, argDef(output))),
    integer(17, true), // stateful: it reads and writes variables
  );
  return message(
    bytes(1, signature),
    ...nodes.map((node) => bytes(3, nodeDef(node))),
    ...outputs.map((output) => bytes(4, message(text(1, output.name), text(2, output.from)))),
    compiled ? map(5, [["_XlaMustCompile", attrValue({ bool: true })]]) : undefined,
  );
}

function attrValue(attr: GraphAttr): Message {
  if ("type" in attr) return integer(6, types[attr.type]);
  if ("int" in attr) return signed(3, attr.int);
  if ("float" in attr) return float(4, attr.float);
  if ("bool" in attr) return integer(5, attr.bool);
  if ("text" in attr) return text(2, attr.text);
  if ("ints" in attr) return bytes(1, message(...attr.ints.map((value) => signed(3, value))));
  if ("shape" in attr) return bytes(7, shapeOf(attr.shape));
  if ("types" in attr) return bytes(1, message(...attr.types.map((type) => integer(6, types[type]))));
  if ("shapes" in attr) return bytes(1, message(...attr.shapes.map((shape) => bytes(7, shapeOf(shape)))));
  if ("function" in attr) return bytes(10, text(1, attr.function));
  const { type, shape, content } = attr.tensor;
  return bytes(8, message(integer(1, types[type]), bytes(2, shapeOf(shape)), bytes(4, content)));
}

function shapeOf(shape: Shape): Message {
  return message(...shape.map((length) => bytes(2, signed(1, length))));
}
