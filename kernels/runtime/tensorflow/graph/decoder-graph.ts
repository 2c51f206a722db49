/**
 * A language model's decoding as one graph: `prefill` takes a prompt of at most as many rows as its bucket and returns
 * the first token, `generate` returns tokens until one of them ends the text, and the cache stays inside between the two.
 */
import type { DecoderCache, RecordableDecoder } from "../../../backend.ts";
import type { Shape } from "../../../kernel.ts";
import type { Type } from "../native.ts";
import type { DecoderPlan } from "./decoder.ts";
import { conditionFunction, generateFunction, prefillFunction, stepFunction } from "./decoder-functions.ts";
import type { FunctionBody, GraphAttr, Node } from "./messages.ts";
import { WeightTable } from "./weight-table.ts";

interface DecoderGraph {
  readonly nodes: readonly Node[];
  readonly functions: readonly FunctionBody[];
  readonly weights: WeightTable;
}

/** The names by which the graph is fed and read. */
export const names = {
  /** All weights at once: TensorFlow optimizes a graph anew for each set of feeds. */
  weights: (count: number) => ({
    feeds: Array.from({ length: count }, (_, i) => `feed_w${i}:0`).join(),
    results: "loaded:0",
  }),
  prefill: (rows: number) => ({
    feeds: `prefill${rows}_embeds:0,prefill${rows}_first:0`,
    results: `prefill${rows}:0`,
  }),
  generate: {
    feeds: "generate_token:0,generate_slot:0,generate_first:0,generate_count:0",
    results: "generate:0,generate:1",
  },
} as const;

const scalar: Shape = [];

export async function decoderGraph<Cache extends DecoderCache>(
  model: RecordableDecoder<Cache>,
  plan: DecoderPlan,
): Promise<DecoderGraph> {
  const weights = new WeightTable();
  const calls: Call[] = [];
  const functions: FunctionBody[] = [];
  let states: readonly Shape[] = [];
  for (const rows of plan.buckets) {
    const prefill = await prefillFunction(model, plan, weights, rows);
    states = prefill.states;
    functions.push(prefill.body);
    calls.push({
      name: `prefill${rows}`,
      feeds: [
        { name: "embeds", type: "float32", shape: [rows, model.config.size] },
        { name: "first", type: "int32", shape: scalar },
      ],
      results: ["int32"],
      weights: prefill.captures,
      body: prefill.body,
    });
  }
  const step = await stepFunction(model, plan, weights);
  const generate = generateFunction(plan, step, states);
  functions.push(step.body, conditionFunction(step), generate);
  calls.push({
    name: "generate",
    feeds: ["token", "slot", "first", "count"].map((name) => ({
      name,
      type: "int32" as const,
      shape: scalar,
    })),
    results: ["int32", "int32"],
    weights: step.captures,
    body: generate,
  });
  return { nodes: outerGraph(weights, states, calls), functions, weights };
}

/** A function that can be called from outside of the graph. */
interface Call {
  readonly name: string;
  readonly feeds: readonly { readonly name: string; readonly type: Type; readonly shape: Shape }[];
  readonly results: readonly Type[];
  readonly weights: readonly number[];
  readonly body: FunctionBody;
}

/** Variables, the nodes that fill them, and the calls. */
function outerGraph(table: WeightTable, states: readonly Shape[], calls: readonly Call[]): Node[] {
  const nodes: Node[] = [];
  const variable = (name: string, type: Type, shape: Shape): void => {
    const attrs = { dtype: { type }, shape: { shape }, shared_name: { text: name }, container: { text: "" } };
    nodes.push({ name, op: "VarHandleOp", inputs: [], attrs });
  };
  for (const [i, { type, shape }] of table.weights.entries()) {
    variable(`w${i}`, type, shape);
    nodes.push(placeholder(`feed_w${i}`, type, shape));
    const assign = { dtype: { type } };
    nodes.push({
      name: `fill_w${i}`,
      op: "AssignVariableOp",
      inputs: [`w${i}`, `feed_w${i}`],
      attrs: assign,
    });
  }
  const fills = table.weights.map((_, i) => `^fill_w${i}`);
  const content = new Uint8Array(Int32Array.of(table.weights.length).buffer);
  const value = { tensor: { type: "int32" as const, shape: [], content } };
  nodes.push({ name: "loaded", op: "Const", inputs: fills, attrs: { dtype: { type: "int32" }, value } });
  for (const [i, shape] of states.entries()) variable(`cache${i}`, "float32", shape);
  for (const { name, feeds, results, weights, body } of calls) {
    for (const feed of feeds) nodes.push(placeholder(`${name}_${feed.name}`, feed.type, feed.shape));
    const inputs = [
      ...feeds.map((feed) => `${name}_${feed.name}`),
      ...weights.map((number) => `w${number}`),
      ...states.map((_, i) => `cache${i}`),
    ];
    const attrs: { [name: string]: GraphAttr } = {
      Tin: { types: body.inputs.map(({ type }) => type) },
      Tout: { types: results },
      f: { function: body.name },
      ...(body.compiled ? { _XlaMustCompile: { bool: true } } : {}),
    };
    nodes.push({ name, op: "StatefulPartitionedCall", inputs, attrs });
  }
  return nodes;
}

function placeholder(name: string, type: Type, shape: Shape): Node {
  return { name, op: "Placeholder", inputs: [], attrs: { dtype: { type }, shape: { shape } } };
}
