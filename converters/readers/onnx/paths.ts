/** What names of nodes and of neighbors show about the module that a weight without a name belongs to. */

export function weightOf(bias: string): string {
  return bias.replace(/\.bias$/, ".weight");
}

/**
 * The module at a node's path: `/encoder/fsmn.0/linear/linear/MatMul` is of `encoder.fsmn.0.linear.linear`. A list of
 * modules can occur twice in it, alone and with the number: `/layers/layers.0/`. Undefined for a name that is no path.
 */
export function moduleAt(node: string): string | undefined {
  const [root, ...modules] = node.split("/").slice(0, -1);
  if (root !== "" || modules.length === 0) return undefined;
  return modules.filter((module, at) => modules[at + 1]?.startsWith(`${module}.`) !== true).join(".");
}

/**
 * The module that takes what the layer with this bias gives, where exporters before PyTorch 1.13 state no paths: the one
 * linear layer without a bias of its own, behind the norm of a Paraformer decoder's feed-forward.
 */
export function moduleBehind(bias: string | undefined): string | undefined {
  const norm = /^(.*\.feed_forward)\.norm\.bias$/.exec(bias ?? "");
  return norm === null ? undefined : `${norm[1]}.w_2`;
}
