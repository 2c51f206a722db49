/** Positions do not depend on what was computed before: rows are kept from call to call. */
import { expect, it } from "vitest";
import { sinusoidalPositions } from "../../src/nn/positions.ts";
import { describeOnEach } from "../helpers/environment/backends.ts";
import { engine } from "../helpers/environment/engine.ts";

/** FunASR's formula for one value, in the precision of its parts. */
function position(t: number, j: number, size: number): number {
  const increment = Math.fround(Math.log(10_000) / (size / 2 - 1));
  const frequency = Math.fround(Math.exp(Math.fround(-(j % (size / 2)) * increment)));
  const angle = Math.fround((t + 1) * frequency);
  return Math.fround(j < size / 2 ? Math.sin(angle) : Math.cos(angle));
}

describeOnEach("on %s", (backend) => {
  it.each([
    ["fewer and more frames", [3, 10, 5, 10, 0, 11]],
    ["more frames than are kept", [4097, 4096, 4098, 2]],
  ])("%s", (_, lengths) =>
    engine.run(backend, async () => {
      const size = 6;
      const positions = sinusoidalPositions(size);
      for (const frames of lengths) {
        const found = positions(frames);
        expect(found.shape).toEqual([frames, size]);
        const wanted = Float32Array.from({ length: frames * size }, (_, i) =>
          position(Math.floor(i / size), i % size, size),
        );
        expect(found.dataSync()).toEqual(wanted);
        found.dispose();
      }
    }),
  );
});
