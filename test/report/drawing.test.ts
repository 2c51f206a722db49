/** The parts that a report is drawn with: numbers to colors, pixels and places. */
import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { heatMap } from "../../src/report/heat-map.ts";
import { binned } from "../../src/report/histogram.ts";
import { flip, quantiles, shrink, transpose } from "../../src/report/grid.ts";
import type { Grid } from "../../src/report/grid.ts";
import { commonCharacters } from "../../src/report/in-common.ts";
import { brief, html, Markup } from "../../src/report/markup.ts";
import { cividis, viridis } from "../../src/report/palettes.ts";
import { plot, rounds } from "../../src/report/plot.ts";
import { png } from "../../src/report/png.ts";

const grids = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
  .chain(([rows, cols]) =>
    fc
      .float32Array({
        minLength: rows * cols,
        maxLength: rows * cols,
        noNaN: true,
        noDefaultInfinity: true,
        min: -100,
        max: 100,
      })
      .map((values): Grid => ({ rows, cols, values })),
  );

test("text in a page stays text", () => {
  const hostile = `"><script>`;
  const { text } = html`<p title="${hostile}">
    ${"<b>&'\u0000\ud800"}${new Markup("<i>")}${[1, undefined]}
  </p>`;
  expect(text.replaceAll(/(?<=>) | (?=<)/gu, "")).toBe(
    `<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;&#39;\ufffd\ufffd<i>1</p>`,
  );
});

test.each([
  [0, "0"],
  [0.00012345, "1.23e-4"],
  [1234.5678, "1235"],
  [-0.5, "-0.5"],
  [1e7, "1.00e7"],
  [NaN, "NaN"],
])("%d is %s for people", (value, text) => {
  expect(brief(value)).toBe(text);
});

test.each([
  ["viridis", viridis],
  ["cividis", cividis],
])("%s only grows lighter, so that it reads in gray", (_, palette) => {
  expect(palette).toHaveLength(256 * 3);
  const light = Array.from({ length: 256 }, (_, i) => {
    const [red, green, blue] = palette.subarray(i * 3);
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  });
  for (let i = 1; i < 256; i++) expect(light[i]).toBeGreaterThanOrEqual(light[i - 1]! - 0.75); // rounding
  expect(light[255]! - light[0]!).toBeGreaterThan(150);
});

test("a PNG holds its size, palette and pixels", () => {
  const pixels = Uint8Array.of(0, 1, 2, 3, 4, 255);
  const image = Buffer.from(png(pixels, 3, 2, viridis));
  expect(image.subarray(12, 16).toString("latin1")).toBe("IHDR");
  expect([image.readUInt32BE(16), image.readUInt32BE(20)]).toEqual([3, 2]);
  const data = image.indexOf("IDAT", 0, "latin1");
  const lines = inflateSync(image.subarray(data + 4, data + 4 + image.readUInt32BE(data - 4)));
  expect([...lines]).toEqual([0, 0, 1, 2, 0, 3, 4, 255]);
});

describe("grids", () => {
  test("transposed and flipped twice, a grid is the same", () => {
    fc.assert(
      fc.property(grids, (grid) => {
        expect(transpose(transpose(grid))).toEqual(grid);
        expect(flip(flip(grid))).toEqual(grid);
      }),
    );
  });

  test("shrinking keeps the greatest value, or the mean where boxes are equal", () => {
    fc.assert(
      fc.property(grids, fc.integer({ min: 1, max: 6 }), (grid, most) => {
        const small = shrink(grid, most, most, "max");
        expect([small.rows, small.cols]).toEqual([Math.min(most, grid.rows), Math.min(most, grid.cols)]);
        expect(Math.max(...small.values)).toBe(Math.max(...grid.values));
      }),
    );
    const values = Float32Array.from({ length: 24 }, (_, i) => i);
    expect([...shrink({ rows: 4, cols: 6, values }, 2, 3, "mean").values]).toEqual([
      3.5, 5.5, 7.5, 15.5, 17.5, 19.5,
    ]);
    const holed = Float32Array.of(NaN, 2, NaN, NaN);
    expect([...shrink({ rows: 1, cols: 4, values: holed }, 1, 2, "mean").values]).toEqual([2, NaN]);
  });

  test("quantiles leave out NaN and infinite values", () => {
    const values = Float32Array.from({ length: 101 }, (_, i) => 100 - i);
    expect(quantiles(Float32Array.of(...values, NaN, Infinity), [0, 0.01, 0.5, 1])).toEqual([0, 1, 50, 100]);
    expect(quantiles(Float32Array.of(NaN), [0.5])).toEqual([0]);
  });
});

describe("a heat map", () => {
  const grid: Grid = { rows: 2, cols: 3, values: Float32Array.of(0, 1, 2, 3, 4, NaN) };
  const axis = { label: "", low: 0, high: 3 };
  const look = {
    x: axis,
    y: axis,
    low: 0,
    high: 4,
    palette: viridis,
    pooling: "max",
    caption: "",
    description: "",
  } as const;
  const pixels = (text: string): number[][] => {
    const image = Buffer.from(/base64,([^"]+)"/u.exec(text)![1]!, "base64");
    const data = image.indexOf("IDAT", 0, "latin1");
    const lines = inflateSync(image.subarray(data + 4, data + 4 + image.readUInt32BE(data - 4)));
    return [0, 1].map((row) => [...lines.subarray(row * 4 + 1, row * 4 + 4)]);
  };

  test("draws its first row at the bottom, or at the top where rows run downwards", () => {
    const first = [0, 64, 128];
    const second = [191, 255, 0];
    expect(pixels(heatMap(grid, look).text)).toEqual([second, first]);
    expect(pixels(heatMap(grid, { ...look, downwards: true }).text)).toEqual([first, second]);
  });

  test("draws values beyond its ends like the ends", () => {
    expect(pixels(heatMap(grid, { ...look, low: 1, high: 3, downwards: true }).text)).toEqual([
      [0, 0, 128],
      [255, 255, 0],
    ]);
  });
});

test("every finite value is in one bin", () => {
  fc.assert(
    fc.property(fc.float32Array({ minLength: 1 }), fc.float32Array(), (a, b) => {
      const { counts, nonFinite } = binned([a, b]);
      const total = counts.flatMap((count) => [...count]).reduce((sum, n) => sum + n, 0);
      expect(total + nonFinite).toBe(a.length + b.length);
    }),
  );
  expect([...binned([Float32Array.of(0, 1, 2, 4)], 4).counts[0]!]).toEqual([1, 1, 1, 1]);
});

test("marks of an axis are round, few, and on it", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      (low, span) => {
        const ticks = rounds(low, low + span);
        expect(ticks.length).toBeLessThanOrEqual(10);
        for (const { at } of ticks) {
          expect(at).toBeGreaterThanOrEqual(low - span * 1e-6);
          expect(at).toBeLessThanOrEqual(low + span * (1 + 1e-6));
        }
      },
    ),
  );
  expect(rounds(0, 3.36).map(({ text }) => text)).toEqual(["0", "0.5", "1", "1.5", "2", "2.5", "3"]);
  expect(rounds(56, 0)).toEqual(rounds(0, 56));
});

test("a logarithmic axis has its decades at equal distances", () => {
  const places: number[] = [];
  const axis = { label: "", low: 1e-4, high: 1, scale: "log" } as const;
  plot({ width: 100, height: 100, x: axis, y: axis, description: "" }, ({ x }) => {
    places.push(...[1e-4, 1e-2, 1].map(x));
    return undefined;
  });
  expect(places[1]).toBeCloseTo((places[0]! + places[2]!) / 2, 10);
});

test.each([
  [["天", "气"], ["天", "气", "。"], "11", "111"],
  [["二", "零"], ["2", "零"], "01", "01"],
  [["Could"], ["c", "ou", "ld", " "], "1", "1111"],
  [["a", "b"], ["b", "a"], "01", "10"],
  [[], ["x"], "", "0"],
])("what %j and %j have in common", (left, right, inLeft, inRight) => {
  const marks = commonCharacters(left, right);
  expect(marks.left.map(Number).join("")).toBe(inLeft);
  expect(marks.right.map(Number).join("")).toBe(inRight);
});
