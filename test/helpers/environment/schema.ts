/** The schema of the JSON files. */
import { Ajv } from "ajv";
import type { ErrorObject } from "ajv";
import schema from "../../../schemas/transcript-v2.json" with { type: "json" };

const validate = new Ajv({ allErrors: true }).compile(schema);

/** What is wrong with a JSON file's value; null where nothing is. */
export function schemaErrors(value: unknown): ErrorObject[] | null {
  validate(value);
  return validate.errors ?? null;
}
