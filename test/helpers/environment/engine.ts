/** The engine of tests that build models themselves; it computes on any backend. */
import { Engine } from "../../../src/engine/engine.ts";

export const engine = new Engine({ backend: "wasm" });
