/**
 * Runs the pickle of a checkpoint: protocol 2, 31 opcodes, 30 names. A checkpoint is data: what the pickle names is
 * looked up in a closed table of constants, so there is nothing to import and nothing to call. Anything else is
 * refused with its opcode and byte. After PyTorch's `weights_only` unpickler, and narrower.
 */
import { malformed } from "../../../src/checkpoints/malformed.ts";
import { inertResult, isInert } from "./inert.ts";
import { describeOpcode, opcodes } from "./opcodes.ts";
import { Operands } from "./operands.ts";
import { rebuildParameter, rebuildTensor, resolveStorage } from "./rebuild.ts";
import { describeValue, isGlobalName } from "./values.ts";
import type { Dict, Tuple, Value } from "./values.ts";

/** Far above any state dict, far below what hurts. */
const limits = {
  stack: 200_000,
  marks: 1_000,
  memo: 1_000_000,
  /** Lists, dicts, tuples, tensors: about seven per tensor. */
  objects: 100_000,
} as const;

/** The one value that `bytes` describe; `where` names them in messages. */
export function unpickle(bytes: Uint8Array, where: string): Value {
  return new Interpreter(bytes, where).run();
}

class Interpreter {
  private readonly operands: Operands;
  private readonly stack: Value[] = [];
  /** Heights of the stack at its MARKs; values below the last one are out of reach. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, Value>();
  private objects = 0;

  constructor(bytes: Uint8Array, where: string) {
    this.operands = new Operands(bytes, where);
  }

  run(): Value {
    if (this.operands.opcode() !== opcodes.PROTO || this.operands.uint8() !== 2)
      throw this.refuse("something else", "pickle protocol 2");
    for (;;) {
      const opcode = this.operands.opcode();
      if (opcode === opcodes.STOP) return this.result();
      this.step(opcode);
    }
  }

  private result(): Value {
    const value = this.pop();
    if (this.stack.length > 0 || this.marks.length > 0)
      throw this.refuse(`${this.stack.length} values left over`);
    if (!this.operands.atEnd) throw this.refuse("bytes after the end of the pickle");
    return value;
  }

  private step(opcode: number): void {
    switch (opcode) {
      case opcodes.MARK:
        if (this.marks.length >= limits.marks) throw this.refuse(`more than ${limits.marks} marks`);
        this.marks.push(this.stack.length);
        return;
      case opcodes.NONE:
        return this.push(null);
      case opcodes.NEWTRUE:
        return this.push(true);
      case opcodes.NEWFALSE:
        return this.push(false);
      case opcodes.BININT:
        return this.push(this.operands.int32());
      case opcodes.BININT1:
        return this.push(this.operands.uint8());
      case opcodes.BININT2:
        return this.push(this.operands.uint16());
      case opcodes.LONG1:
        return this.push(this.operands.long());
      case opcodes.BINFLOAT:
        return this.push(this.operands.float64());
      case opcodes.BINUNICODE:
        return this.push(this.operands.text());
      case opcodes.EMPTY_LIST:
        return this.create({ kind: "list", items: [] });
      case opcodes.APPEND:
        return this.append([this.pop()]);
      case opcodes.APPENDS:
        return this.append(this.popToMark());
      case opcodes.EMPTY_TUPLE:
        return this.create({ kind: "tuple", items: [] });
      case opcodes.TUPLE:
        return this.create({ kind: "tuple", items: this.popToMark() });
      case opcodes.TUPLE1:
        return this.create({ kind: "tuple", items: this.popCount(1) });
      case opcodes.TUPLE2:
        return this.create({ kind: "tuple", items: this.popCount(2) });
      case opcodes.TUPLE3:
        return this.create({ kind: "tuple", items: this.popCount(3) });
      case opcodes.EMPTY_DICT:
        return this.create({ kind: "dict", ordered: false, entries: new Map() });
      case opcodes.SETITEM:
        return this.setItems(this.popCount(2));
      case opcodes.SETITEMS:
        return this.setItems(this.popToMark());
      case opcodes.BINGET:
        return this.get(this.operands.uint8());
      case opcodes.LONG_BINGET:
        return this.get(this.operands.uint32());
      case opcodes.BINPUT:
        return this.put(this.operands.uint8());
      case opcodes.LONG_BINPUT:
        return this.put(this.operands.uint32());
      case opcodes.GLOBAL:
        return this.global();
      case opcodes.REDUCE:
        return this.reduce();
      case opcodes.BUILD:
        return this.build();
      case opcodes.BINPERSID:
        return this.create(resolveStorage(this.pop(), this.here));
      default:
        throw this.refuse(`the opcode ${describeOpcode(opcode)}`, "what torch.save writes for a state dict");
    }
  }

  // The stack

  private push(value: Value): void {
    if (this.stack.length >= limits.stack) throw this.refuse(`more than ${limits.stack} values on the stack`);
    this.stack.push(value);
  }

  private create(value: Value): void {
    if (++this.objects > limits.objects) throw this.refuse(`more than ${limits.objects} objects`);
    this.push(value);
  }

  private popCount(count: number): Value[] {
    if (this.stack.length - (this.marks.at(-1) ?? 0) < count)
      throw this.refuse("the stack holds too few values");
    return this.stack.splice(this.stack.length - count);
  }

  private pop(): Value {
    return this.popCount(1)[0] as Value;
  }

  private popToMark(): Value[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw this.refuse("there is no mark");
    return this.stack.splice(mark);
  }

  private top(): Value {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) throw this.refuse("the stack holds too few values");
    return this.stack.at(-1) as Value;
  }

  private get(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.refuse(`memo ${index} was never put`);
    this.push(value);
  }

  private put(index: number): void {
    if (this.memo.size >= limits.memo) throw this.refuse(`more than ${limits.memo} memos`);
    this.memo.set(index, this.top());
  }

  // Containers

  private append(items: readonly Value[]): void {
    const list = this.top();
    if (typeof list !== "object" || list?.kind !== "list") throw this.refuse(describeValue(list), "a list");
    for (const item of items) list.items.push(item);
  }

  private setItems(items: readonly Value[]): void {
    const dict = this.dict(this.top());
    if (items.length % 2 !== 0) throw this.refuse("a key without a value");
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i] as Value;
      // Numbers are keys of an optimizer's state, which a training checkpoint carries along.
      if (typeof key !== "string" && typeof key !== "number") {
        throw this.refuse(`the key ${describeValue(key)}`, "a string or a number");
      }
      if (dict.entries.has(key)) throw this.refuse(`the key ${JSON.stringify(key)} a second time`);
      dict.entries.set(key, items[i + 1] as Value);
    }
  }

  /** Attributes of a state dict (PyTorch's `_metadata`) and of what is inert do not concern tensors. */
  private build(): void {
    this.pop();
    const value = this.top();
    if (typeof value === "object" && value?.kind === "inert") return;
    if (!this.dict(this.top()).ordered) throw this.refuse("attributes of a dict", "of an OrderedDict");
  }

  private dict(value: Value): Dict {
    if (typeof value !== "object" || value?.kind !== "dict")
      throw this.refuse(describeValue(value), "a dict");
    return value;
  }

  // Names

  private global(): void {
    const name = `${this.operands.line()} ${this.operands.line()}`;
    if (!isGlobalName(name)) {
      throw this.refuse(`the name ${JSON.stringify(name.replace(" ", "."))}`, "one that a state dict needs");
    }
    this.push({ kind: "global", name });
  }

  private reduce(): void {
    const [callee, args] = this.popCount(2) as [Value, Value];
    if (typeof args !== "object" || args?.kind !== "tuple") throw this.refuse(describeValue(args), "a tuple");
    if (typeof callee !== "object" || callee?.kind !== "global")
      throw this.refuse(describeValue(callee), "a function");
    if (isInert(callee.name)) return this.create(inertResult(callee.name, args.items, this.here));
    switch (callee.name) {
      case "collections OrderedDict":
        return this.create(this.orderedDict(args));
      case "torch._utils _rebuild_tensor_v2":
        return this.create(rebuildTensor(args.items, this.here));
      case "torch._utils _rebuild_parameter":
        return this.push(rebuildParameter(args.items, this.here));
      default:
        throw this.refuse(`a call of ${describeValue(callee)}`, "a function");
    }
  }

  private orderedDict({ items }: Tuple): Dict {
    if (items.length > 0) throw this.refuse(`${items.length} arguments for OrderedDict`, "none");
    return { kind: "dict", ordered: true, entries: new Map() };
  }

  private get here(): string {
    return this.operands.here;
  }

  private refuse(found: string, wanted?: string): Error {
    return malformed(this.here, found, wanted);
  }
}
