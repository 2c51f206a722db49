/** Paths through a graph: from a value to the nodes that take it, and to the node that makes it. */
import type { OnnxModel, OnnxNode } from "./model.ts";

/** Of a product of weights: its bias, or a cast and a factor. A graph from an unknown source must not cost more. */
const maxConsumers = 8;

export class Graph {
  readonly #consumers = new Map<string, OnnxNode[]>();
  readonly #producers = new Map<string, OnnxNode>();

  constructor(model: OnnxModel) {
    for (const node of model.nodes) {
      for (const output of node.outputs) this.#producers.set(output, node);
      for (const input of node.inputs) {
        const known = this.#consumers.get(input);
        if (known === undefined) this.#consumers.set(input, [node]);
        else if (known.length < maxConsumers) known.push(node);
      }
    }
  }

  /** The nodes that take the first output of `node`; of many, the first few. */
  followers(node: OnnxNode): readonly OnnxNode[] {
    return this.#consumers.get(node.outputs[0] ?? "") ?? [];
  }

  producer(value: string): OnnxNode | undefined {
    return this.#producers.get(value);
  }
}
