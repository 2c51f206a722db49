import { describe, expect, it } from "vitest";
import { formatStageName, parseStageName } from "../../src/nn/stage-name.ts";

describe("the names of captured activations", () => {
  it.each([
    ["fbank", { path: "fbank", token: 0 }],
    ["llm.model.layers.0.mlp@12", { path: "llm.model.layers.0.mlp", token: 12 }],
    ["a@b@3", { path: "a@b", token: 3 }],
  ])("%s has a path and a token", (name, parts) => {
    expect(parseStageName(name)).toEqual(parts);
    expect(formatStageName(parts)).toBe(name);
  });

  it("leaves a name alone that has no number after its sign", () => {
    expect(parseStageName("a@b")).toEqual({ path: "a@b", token: 0 });
  });
});
