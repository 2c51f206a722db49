/** JSON Schemas of replies and fields. */
import type { OptionTable, NumberRule, ValueRule } from "../options/rules.ts";

export type Schema = Readonly<Record<string, unknown>>;

export const text: Schema = { type: "string" };
export const number: Schema = { type: "number" };
export const integer: Schema = { type: "integer" };
export const boolean: Schema = { type: "boolean" };
export const listOf = (items: Schema): Schema => ({ type: "array", items });
export const choice = (...values: readonly string[]): Schema => ({ type: "string", enum: values });
export const anyOf = (...schemas: readonly Schema[]): Schema => ({ anyOf: schemas });

/** An object with these members, and perhaps those of `more`. */
export function object(
  members: Readonly<Record<string, Schema>>,
  more: Readonly<Record<string, Schema>> = {},
): Schema {
  return { type: "object", properties: { ...members, ...more }, required: Object.keys(members) };
}

/** What a rule of an option accepts, where it can be written in JSON. */
export function schemaOf(rule: ValueRule): Schema {
  switch (rule.kind) {
    case "number":
      return numberSchema(rule);
    case "boolean":
      return boolean;
    case "choice":
      return choice(...rule.values);
    case "text":
      return text;
    case "options": {
      const options = object({}, propertiesOf(rule.options));
      return rule.or === undefined ? options : anyOf(choice(rule.or), options);
    }
    default:
      return {};
  }
}

export function propertiesOf(table: OptionTable): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(table).map(([name, option]) => {
      const { value, default: usual, help } = option;
      const isValue = typeof usual === "boolean" || typeof usual === "number" || value.kind === "choice";
      const absent = usual === undefined || !isValue ? {} : { default: usual };
      const unit = value.kind === "number" && value.unit !== undefined ? `, in ${value.unit}` : "";
      return [name, { ...schemaOf(value), ...absent, description: help + unit }];
    }),
  );
}

function numberSchema({ least, most, above, whole }: NumberRule): Schema {
  return {
    type: whole === true ? "integer" : "number",
    ...(least === undefined ? {} : { [above === true ? "exclusiveMinimum" : "minimum"]: least }),
    ...(most === undefined ? {} : { maximum: most }),
  };
}
