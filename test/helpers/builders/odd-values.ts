/** Values that a caller without types may give by mistake, by name. */
export function oddValues(): Readonly<Record<string, unknown>> {
  const detached = new Float32Array(16_000).fill(0.1);
  structuredClone(detached, { transfer: [detached.buffer] });
  const detachedBytes = new Uint8Array(16_000);
  structuredClone(detachedBytes, { transfer: [detachedBytes.buffer] });
  async function* numbers(): AsyncGenerator<number> {
    yield 5;
  }
  const loop: { self?: unknown } = {};
  loop.self = loop;
  return {
    "an object that contains itself": loop,
    null: null,
    "a number": 5,
    "a boolean": true,
    "an object": {},
    "an empty array": [],
    "an array": [5],
    "a date": new Date(0),
    "a symbol": Symbol("x"),
    "a function": () => 1,
    "not a number": Number.NaN,
    "an empty string": "",
    "detached samples": detached,
    "detached bytes": detachedBytes,
    "a promise": Promise.resolve(1),
    "a big integer": 5n,
    "samples that are null": { samples: null },
    "samples that are a number": { samples: 5, sampleRate: 16_000 },
    "features that are a number": { features: 5 },
    "features that are null": { features: null },
    "detached features": { features: { values: detached, rows: 5, cols: 560 } },
    "a stream of numbers": numbers(),
    "a stream of numbers as samples": { samples: numbers(), sampleRate: 16_000 },
  };
}
