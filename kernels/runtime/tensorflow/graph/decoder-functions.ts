/**
 * The functions of a decoder's graph. Prompt and step are what the model computes when it runs on the {@link record}er;
 * the loop around the step is added here.
 */
import type { DecoderCache, RecordableDecoder } from "../../../backend.ts";
import type { Shape } from "../../../kernel.ts";
import type { Type } from "../native.ts";
import type { DecoderPlan } from "./decoder.ts";
import { GraphOps } from "./graph-ops.ts";
import type { FunctionBody, GraphAttr } from "./messages.ts";
import { record } from "./recorder.ts";
import type { GraphValue } from "./values.ts";
import type { WeightTable } from "./weight-table.ts";

const noWait = async (): Promise<void> => {};
const scalar: Shape = [];

/** embeds [rows, D], first → the first token, with the caches written to their variables. */
export async function prefillFunction<Cache extends DecoderCache>(
  model: RecordableDecoder<Cache>,
  { capacity }: DecoderPlan,
  weights: WeightTable,
  rows: number,
): Promise<{ body: FunctionBody; captures: readonly number[]; states: readonly Shape[] }> {
  const ops = new GraphOps(`prefill${rows}_body`, { compiled: false, positions: capacity });
  const embeds = ops.argument("embeds", "float32", [rows, model.config.size]);
  const first = ops.argument("first", "int32", scalar);
  ops.at({ slot: ops.int(0) as GraphValue, first, ids: undefined });
  return record(ops, weights, async (recorder) => {
    recorder.states = "zero";
    const cache = model.newCache(capacity);
    recorder.states = undefined;
    const shapes = ops.states.map(({ shape }) => shape);
    const prompt = recorder.tensor(embeds);
    const logits = await model.prefill(prompt, cache, noWait);
    const token = bestToken(ops, recorder.symbol(logits), model.config.vocabSize);
    logits.dispose();
    prompt.dispose();
    cache.dispose();
    // The caches are variables: their old content is overwritten and never read.
    const captures = weights.capturesOf(ops);
    const variables = shapes.map((_, i) => ops.argument(`cache${i}`, "resource", scalar));
    const written = variables.map((variable, i) => ops.assign(variable, ops.states[i]!));
    return { body: ops.body([ops.after(token, written)]), captures, states: shapes };
  });
}

/** One round of the loop. */
interface Step {
  readonly body: FunctionBody;
  readonly captures: readonly number[];
  /** Types of all values of the loop. */
  readonly types: readonly Type[];
}

export async function stepFunction<Cache extends DecoderCache>(
  model: RecordableDecoder<Cache>,
  { capacity, chunk, endIds, xla }: DecoderPlan,
  weights: WeightTable,
): Promise<Step> {
  const ops = new GraphOps("step_body", { compiled: xla, positions: capacity });
  const [done, token, slot, first, count] = ["done", "token", "slot", "first", "count"].map((name) =>
    ops.argument(name, "int32", scalar),
  ) as [GraphValue, GraphValue, GraphValue, GraphValue, GraphValue];
  ops.argument("ended", "bool", scalar);
  const tokens = ops.argument("tokens", "int32", [chunk]);
  return record(ops, weights, async (recorder) => {
    recorder.states = "given";
    const cache = model.newCache(capacity);
    recorder.states = undefined;
    ops.at({ slot, first, ids: ops.reshape(token, 1) as GraphValue });
    const logits = model.step(0, cache);
    const next = bestToken(ops, recorder.symbol(logits), model.config.vocabSize);
    logits.dispose();
    cache.dispose();
    const list = ops.insert(tokens, next, done);
    const ended = ops.either(
      ops.any(ops.compare("Equal", next, ops.ints(...endIds))),
      ops.compare("Less", next, ops.int(0)),
    );
    const one = ops.int(1);
    const round = [
      ops.add(done, one) as GraphValue,
      next,
      ops.add(slot, one) as GraphValue,
      first,
      count,
      ended,
      list,
      ...ops.states,
      ...ops.inputs.slice(7 + ops.states.length), // the weights' variables, which no round changes
    ];
    return {
      body: ops.body(round),
      captures: weights.capturesOf(ops),
      types: round.map(({ type }) => type),
    };
  });
}

/** Continues while there are tokens to generate and none has ended the text. */
export function conditionFunction({ types, body }: Step): FunctionBody {
  const ops = new GraphOps("step_condition", { compiled: body.compiled, positions: 0 });
  const values = types.map((type, i) => ops.argument(`x${i}`, type, scalar));
  const [done, , , , count, ended] = values as [
    GraphValue,
    GraphValue,
    GraphValue,
    GraphValue,
    GraphValue,
    GraphValue,
  ];
  return ops.body([ops.both(ops.compare("Less", done, count), ops.not(ended))]);
}

/** token, slot, first, count → tokens [chunk] and how many of them were generated. */
export function generateFunction(
  { chunk, xla }: DecoderPlan,
  step: Step,
  states: readonly Shape[],
): FunctionBody {
  const ops = new GraphOps("generate_body", { compiled: xla, positions: 0 });
  const [token, slot, first, count] = ["token", "slot", "first", "count"].map((name) =>
    ops.argument(name, "int32", scalar),
  ) as [GraphValue, GraphValue, GraphValue, GraphValue];
  const weights = step.captures.map((number) => ops.argument(`w${number}`, "resource", scalar));
  const variables = states.map((_, i) => ops.argument(`cache${i}`, "resource", scalar));
  const caches = variables.map((variable, i) => ops.read(variable, { type: "float32", shape: states[i]! }));
  const never = ops.compare("Less", ops.int(1), ops.int(0));
  const start = [
    ops.int(0) as GraphValue,
    token,
    slot,
    first,
    count,
    never,
    ops.constant(new Int32Array(chunk), [chunk]),
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
  const end = ops.node("While", start, attrs, start);
  const written = variables.map((variable, i) => ops.assign(variable, end[7 + i]!));
  return ops.body([ops.after(end[6]!, written), ops.after(end[0]!, written)]);
}

/** The best token of logits [1, V], or −1 where one of them is NaN. */
function bestToken(ops: GraphOps, logits: GraphValue, vocabulary: number): GraphValue {
  const row = ops.reshape(logits, vocabulary);
  return ops.select(ops.isNan(ops.sum(ops.sub(row, row))), ops.int(-1), ops.argMax(row));
}
