/** A route as data: what answers requests, and what /openapi.json says about it. */
import type { Context } from "hono";
import type { Fault } from "./errors.ts";
import type { FieldTable } from "./fields.ts";
import type { Schema } from "./schema.ts";

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** In Hono's form: `:id{.+}` is a parameter. */
  readonly path: string;
  /** One line of plain text. */
  readonly help: string;
  /** Whether it is answered without a key, too. */
  readonly isOpen?: true;
  /** The fields of the form that is its body, beside the recording in the field `file`. */
  readonly form?: FieldTable;
  /** By status; all others are errors. */
  readonly replies: { readonly [status: number]: Reply };
  readonly answer: (c: Context) => Response | Promise<Response>;
}

interface Reply {
  readonly help: string;
  /** The schema of the body by its media type. */
  readonly types: { readonly [type: string]: Schema };
}

/** Routes whose errors have the same form. */
export interface Protocol {
  readonly routes: readonly Route[];
  readonly errorOf: (fault: Fault) => object;
  readonly error: Schema;
}
