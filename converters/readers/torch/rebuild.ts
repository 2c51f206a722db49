/** The three things a state dict's pickle may construct: a storage, a tensor over it, a parameter around it. */
import { malformed } from "../../../src/checkpoints/malformed.ts";
import { describeValue, storageTypes } from "./values.ts";
import type { Storage, StorageType, Tensor, Value } from "./values.ts";

const maxRank = 8;

/** Persistent id `("storage", type, key, location, count)`; where the storage once lived does not matter. */
export function resolveStorage(id: Value, where: string): Storage {
  if (typeof id !== "object" || id?.kind !== "tuple" || id.items.length !== 5) {
    throw malformed(where, describeValue(id), "a persistent id of five items");
  }
  const [tag, type, key, , count] = id.items;
  if (tag !== "storage") throw malformed(where, describeValue(tag), 'the tag "storage"');
  if (typeof key !== "string" || !/^[0-9]{1,9}$/.test(key)) {
    throw malformed(where, `the storage key ${describeValue(key)}`, "a number of up to nine digits, as text");
  }
  return {
    kind: "storage",
    type: storageType(type, where),
    key,
    count: natural(count, where, "a storage size"),
  };
}

function storageType(value: Value | undefined, where: string): StorageType {
  if (typeof value === "object" && value?.kind === "global" && value.name in storageTypes) {
    return storageTypes[value.name as keyof typeof storageTypes];
  }
  throw malformed(where, describeValue(value), "a storage type");
}

/** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks[, metadata])` */
export function rebuildTensor(args: readonly Value[], where: string): Tensor {
  const [storage, offset, size, stride] = args;
  if (args.length < 6 || args.length > 7)
    throw malformed(where, `${args.length} arguments of a tensor`, "6 or 7");
  if (typeof storage !== "object" || storage?.kind !== "storage") {
    throw malformed(where, describeValue(storage), "a storage");
  }
  const tensor: Tensor = {
    kind: "tensor",
    storage,
    offset: natural(offset, where, "a storage offset"),
    shape: naturals(size, where, "a shape"),
    strides: naturals(stride, where, "strides"),
  };
  checkBounds(tensor, where);
  return tensor;
}

/** `_rebuild_parameter(data, requires_grad, backward_hooks)` */
export function rebuildParameter(args: readonly Value[], where: string): Tensor {
  const tensor = args[0];
  if (args.length !== 3 || typeof tensor !== "object" || tensor?.kind !== "tensor") {
    throw malformed(
      where,
      `a parameter of ${describeValue(tensor)} with ${args.length} arguments`,
      "a tensor, with 3",
    );
  }
  return tensor;
}

function checkBounds({ storage, offset, shape, strides }: Tensor, where: string): void {
  if (shape.length > maxRank || strides.length !== shape.length) {
    throw malformed(
      where,
      `${shape.length} dimensions with ${strides.length} strides`,
      `as many of each, at most ${maxRank}`,
    );
  }
  if (shape.includes(0)) return;
  const last = shape.reduce(
    (index, size, axis) => index + BigInt(size - 1) * BigInt(strides[axis] as number),
    BigInt(offset),
  );
  if (last >= BigInt(storage.count)) {
    throw malformed(
      where,
      `a tensor whose last element is ${last}`,
      `one within its storage of ${storage.count}`,
    );
  }
}

function naturals(value: Value | undefined, where: string, what: string): readonly number[] {
  if (typeof value !== "object" || value?.kind !== "tuple")
    throw malformed(where, describeValue(value), `${what}, as a tuple`);
  return value.items.map((item) => natural(item, where, `a number in ${what}`));
}

function natural(value: Value | undefined, where: string, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw malformed(where, describeValue(value), `${what} of 0 or more`);
  }
  return value;
}
