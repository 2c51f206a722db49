import { describe, expect, it } from "vitest";
import { Parameters } from "../../src/nn/parameters.ts";
import { tinyNanoCheckpoint } from "../helpers/builders/tiny-nano.ts";

describe("a second request of a tensor", () => {
  const name = "llm.model.embed_tokens.weight";

  it("gets the parameter of the first", () => {
    const parameters = new Parameters(tinyNanoCheckpoint());
    const first = parameters.request(name, [100, 8], "matrix");
    expect(parameters.request(name, [100, 8], "matrix")).toBe(first);
  });

  it.each([
    ["shape", [8, 100], "matrix"],
    ["rank", [800], "matrix"],
    ["role", [100, 8], "values"],
  ] as const)("is refused with another %s", (_, shape, role) => {
    const parameters = new Parameters(tinyNanoCheckpoint());
    parameters.request(name, [100, 8], "matrix");
    expect(() => parameters.request(name, shape, role)).toThrow(
      expect.objectContaining({
        code: "internal",
        where: name,
        message:
          `${name}: a second request, for ${role} [${shape.join(", ")}]; ` +
          "wanted matrix [100, 8], as in the first",
      }),
    );
  });
});
