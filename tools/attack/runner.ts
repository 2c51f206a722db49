/** Reads inputs in another process, which is ended where one takes too long. */
import { join } from "node:path";
import { Child } from "../child/child.ts";
import type { Measurement } from "./measure.ts";

/** A case of the catalog, or a text of a size in bytes. */
export type Request =
  | { readonly kind: string; readonly index: number }
  | { readonly index: number; readonly size: number };

export class Runner extends Child<Request, Measurement> {
  constructor({ semiSpace }: { readonly semiSpace?: number } = {}) {
    const program = join(import.meta.dirname, "child.js");
    super({ program, heap: 1024, stderr: "inherit", ...(semiSpace === undefined ? {} : { semiSpace }) });
  }

  /** The measurement, or one with the outcome `hangs` after `seconds`, or `crashes`. */
  async measure(request: Request, seconds: number): Promise<Measurement> {
    const end = performance.now() + seconds * 1000;
    const answer = await this.ask(request, () => (performance.now() > end ? "hangs" : undefined));
    if (!("lost" in answer)) return answer;
    return { outcome: answer.lost, milliseconds: seconds * 1000, mebibytes: NaN };
  }
}
