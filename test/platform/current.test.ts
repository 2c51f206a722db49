/** The platform before an entry point has installed one. */
import { expect, it, vi } from "vitest";

it("is missed by name, and there once it is installed", async () => {
  vi.resetModules();
  const { installPlatform, platform } = await import("../../src/platform/current.ts");
  expect(() => platform()).toThrow(
    expect.objectContaining({ code: "internal", message: expect.stringContaining("none is installed") }),
  );
  const { nodePlatform } = await import("../../src/adapters/node/platform.ts");
  installPlatform(nodePlatform);
  expect(platform()).toBe(nodePlatform);
});
