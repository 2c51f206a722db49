/**
 * A language model's decoding as one graph: `prefill` takes a prompt of at most so many rows and gives the first token,
 * `generate` writes tokens until one of them ends the text, and the cache stays inside between the two. Both are what
 * the model does when it is run on the {@link record}er; the loop around the step is all that is added here.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Shape } from "../../../kernel.ts";
import type { Type } from "../native.ts";
import { GraphFlow } from "./flow.ts";
import type { GraphValue } from "./flow.ts";
import type { FunctionBody, GraphAttr, Node } from "./messages.ts";
import { record } from "./recorder.ts";
import { WeightTable } from "./weight-table.ts";

/** A cache that the model appends to; its type is the model's own. */
export interface DecoderCache {
  dispose(): void;
}

/** What a model must have for its decoding to be recorded. */
export interface RecordableDecoder<Cache extends DecoderCache> {
  readonly config: { readonly size: number; readonly vocabSize: number };
  newCache(capacity: number): Cache;
  prefill(embeds: Tensor, cache: Cache, turn: () => Promise<void>): Promise<Tensor>; // [L, D] → [1, V]
  step(id: number, cache: Cache): Tensor; // [1, V]
}

export interface DecoderPlan {
  /** Rows of the prompts that there is a graph for, in ascending order. */
  readonly buckets: readonly number[];
  /** Positions of the cache. */
  readonly capacity: number;
  /** Most tokens of one call. */
  readonly chunk: number;
  readonly endIds: readonly number[];
  /** Whether XLA compiles the loop. */
  readonly xla: boolean;
}

export interface DecoderGraph {
  readonly nodes: readonly Node[];
  readonly functions: readonly FunctionBody[];
  readonly weights: WeightTable;
}

/** The names by which the graph is fed and read. */
export const names = {
  /** All weights at once: TensorFlow optimizes a graph anew for each set of places that is fed. */
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

const noTurn = async (): Promise<void> => {};
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

/** embeds [rows, D], first → the first token, with the caches written to their variables. */
async function prefillFunction<Cache extends DecoderCache>(
  model: RecordableDecoder<Cache>,
  { capacity }: DecoderPlan,
  weights: WeightTable,
  rows: number,
): Promise<{ body: FunctionBody; captures: readonly number[]; states: readonly Shape[] }> {
  const flow = new GraphFlow(`prefill${rows}_body`, { compiled: false, positions: capacity });
  const embeds = flow.argument("embeds", "float32", [rows, model.config.size]);
  const first = flow.argument("first", "int32", scalar);
  flow.at({ slot: flow.int(0) as GraphValue, first, ids: undefined });
  return record(flow, weights, async (recorder) => {
    recorder.states = "zero";
    const cache = model.newCache(capacity);
    recorder.states = undefined;
    const shapes = flow.states.map(({ shape }) => shape);
    const prompt = recorder.tensor(embeds);
    const logits = await model.prefill(prompt, cache, noTurn);
    const token = bestToken(flow, recorder.symbol(logits), model.config.vocabSize);
    logits.dispose();
    prompt.dispose();
    cache.dispose();
    // The caches come as variables: what they held before is never read, only written over.
    const captures = weights.capturesOf(flow);
    const variables = shapes.map((_, i) => flow.argument(`cache${i}`, "resource", scalar));
    const written = variables.map((variable, i) => flow.assign(variable, flow.states[i]!));
    return { body: flow.body([flow.after(token, written)]), captures, states: shapes };
  });
}

/** One turn of the loop. */
interface Step {
  readonly body: FunctionBody;
  readonly captures: readonly number[];
  /** Types of everything that goes round. */
  readonly types: readonly Type[];
}

async function stepFunction<Cache extends DecoderCache>(
  model: RecordableDecoder<Cache>,
  { capacity, chunk, endIds, xla }: DecoderPlan,
  weights: WeightTable,
): Promise<Step> {
  const flow = new GraphFlow("step_body", { compiled: xla, positions: capacity });
  const [done, token, slot, first, count] = ["done", "token", "slot", "first", "count"].map((name) =>
    flow.argument(name, "int32", scalar),
  ) as [GraphValue, GraphValue, GraphValue, GraphValue, GraphValue];
  flow.argument("ended", "bool", scalar);
  const tokens = flow.argument("tokens", "int32", [chunk]);
  return record(flow, weights, async (recorder) => {
    recorder.states = "given";
    const cache = model.newCache(capacity);
    recorder.states = undefined;
    flow.at({ slot, first, ids: flow.reshape(token, 1) as GraphValue });
    const logits = model.step(0, cache);
    const next = bestToken(flow, recorder.symbol(logits), model.config.vocabSize);
    logits.dispose();
    cache.dispose();
    const list = flow.insert(tokens, next, done);
    const ended = flow.either(
      flow.any(flow.compare("Equal", next, flow.ints(...endIds))),
      flow.compare("Less", next, flow.int(0)),
    );
    const one = flow.int(1);
    const round = [
      flow.add(done, one) as GraphValue,
      next,
      flow.add(slot, one) as GraphValue,
      first,
      count,
      ended,
      list,
      ...flow.states,
      ...flow.inputs.slice(7 + flow.states.length), // the weights' variables go round as they are
    ];
    return {
      body: flow.body(round),
      captures: weights.capturesOf(flow),
      types: round.map(({ type }) => type),
    };
  });
}

/** Go on while there are tokens to write and none has ended the text. */
function conditionFunction({ types, body }: Step): FunctionBody {
  const flow = new GraphFlow("step_condition", { compiled: body.compiled, positions: 0 });
  const values = types.map((type, i) => flow.argument(`x${i}`, type, scalar));
  const [done, , , , count, ended] = values as [
    GraphValue,
    GraphValue,
    GraphValue,
    GraphValue,
    GraphValue,
    GraphValue,
  ];
  return flow.body([flow.both(flow.compare("Less", done, count), flow.not(ended))]);
}

/** token, slot, first, count → tokens [chunk] and how many of them were written. */
function generateFunction({ chunk, xla }: DecoderPlan, step: Step, states: readonly Shape[]): FunctionBody {
  const flow = new GraphFlow("generate_body", { compiled: xla, positions: 0 });
  const [token, slot, first, count] = ["token", "slot", "first", "count"].map((name) =>
    flow.argument(name, "int32", scalar),
  ) as [GraphValue, GraphValue, GraphValue, GraphValue];
  const weights = step.captures.map((number) => flow.argument(`w${number}`, "resource", scalar));
  const variables = states.map((_, i) => flow.argument(`cache${i}`, "resource", scalar));
  const caches = variables.map((variable, i) => flow.read(variable, { type: "float32", shape: states[i]! }));
  const never = flow.compare("Less", flow.int(1), flow.int(0));
  const start = [
    flow.int(0) as GraphValue,
    token,
    slot,
    first,
    count,
    never,
    flow.constant(new Int32Array(chunk), [chunk]),
    ...caches,
    ...weights,
  ];
  const attrs: { [name: string]: GraphAttr } = {
    T: { types: step.types },
    cond: { function: "step_condition" },
    body: { function: "step_body" },
    output_shapes: { shapes: [] },
    parallel_iterations: { int: 1 },
  };
  const end = flow.node("While", start, attrs, start);
  const written = variables.map((variable, i) => flow.assign(variable, end[7 + i]!));
  return flow.body([flow.after(end[6]!, written), flow.after(end[0]!, written)]);
}

/** The best token of logits [1, V], or −1 where one of them is no number. */
function bestToken(flow: GraphFlow, logits: GraphValue, vocabulary: number): GraphValue {
  const row = flow.reshape(logits, vocabulary);
  return flow.select(flow.isNan(flow.sum(flow.sub(row, row))), flow.int(-1), flow.argMax(row));
}

/** A function that is called from outside. */
interface Call {
  readonly name: string;
  readonly feeds: readonly { readonly name: string; readonly type: Type; readonly shape: Shape }[];
  readonly results: readonly Type[];
  readonly weights: readonly number[];
  readonly body: FunctionBody;
}

/** Variables, the places where they are filled, and the calls. */
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
