/** What may go wrong between a hub and its client. */
export type Fault =
  /** An answer with this status instead of the file's. */
  | { readonly kind: "status"; readonly status: number; readonly retryAfter?: string; readonly code?: string }
  /** The connection ends before any answer. */
  | { readonly kind: "reset" }
  /** A page of text with status 200, as networks send that want a sign-in first. */
  | { readonly kind: "page" }
  /** A request for a range is answered with status 200 and the whole file. */
  | { readonly kind: "no range" }
  /** A request for a range is answered with another range than was asked for. */
  | { readonly kind: "other range"; readonly from: number }
  /** The connection ends after so many bytes of the body. */
  | { readonly kind: "cut"; readonly after: number }
  /** So many bytes are announced and sent: the answer looks complete. */
  | { readonly kind: "short"; readonly bytes: number }
  /** The byte at this offset of the file is another one. */
  | { readonly kind: "corrupt"; readonly at: number }
  /** So many bytes per second. */
  | { readonly kind: "slow"; readonly rate: number }
  /** Nothing follows after so many bytes, and the connection stays open. */
  | { readonly kind: "stall"; readonly after: number }
  /** The body has no length and does not end. */
  | { readonly kind: "endless" }
  /** The body is sent with `Content-Encoding: gzip`, whatever the client accepts. */
  | { readonly kind: "gzip" };

/** Which requests a fault meets. */
export interface FaultRule {
  /** What is asked of the hub (`api`), where a file is (`file`), or the bytes in another place (`storage`). */
  readonly at: "api" | "file" | "storage";
  readonly method?: "GET" | "HEAD";
  /** The end of the file's path. */
  readonly path?: string;
  /** Only the requests of one hub. */
  readonly hub?: "huggingface" | "modelscope";
  /** How many requests it meets; all by default. */
  readonly times?: number;
  readonly fault: Fault;
}

export interface Asked {
  readonly at: FaultRule["at"];
  readonly method: string;
  readonly path: string;
  readonly hub: FaultRule["hub"] & string;
}

/** The rules in force. */
export class Faults {
  #rules: { readonly rule: FaultRule; left: number }[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, left: rule.times ?? Infinity });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The fault that meets a request, which counts as one of its times. */
  meet(asked: Asked): Fault | undefined {
    const met = this.#rules.find(
      ({ rule, left }) =>
        left > 0 &&
        rule.at === asked.at &&
        (rule.method ?? asked.method) === asked.method &&
        (rule.hub ?? asked.hub) === asked.hub &&
        asked.path.endsWith(rule.path ?? ""),
    );
    if (met !== undefined) met.left -= 1;
    return met?.rule.fault;
  }
}
