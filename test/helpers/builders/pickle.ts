/** Writes pickles and zip archives byte by byte, valid and invalid, for tests of the checkpoint reader. */

const ascii = (text: string): Buffer => Buffer.from(text, "latin1");
const uint32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);

/** Opcodes by the names that pickletools gives them. */
export const op = {
  proto: (version: number): Buffer => Buffer.from([0x80, version]),
  stop: ascii("."),
  mark: ascii("("),
  none: ascii("N"),
  yes: Buffer.from([0x88]),
  no: Buffer.from([0x89]),
  int1: (value: number): Buffer => Buffer.from([0x4b, value]),
  int4: (value: number): Buffer => Buffer.concat([ascii("J"), uint32(value)]),
  long1: (...bytes: number[]): Buffer => Buffer.from([0x8a, bytes.length, ...bytes]),
  text: (value: string): Buffer =>
    Buffer.concat([ascii("X"), uint32(Buffer.byteLength(value)), Buffer.from(value)]),
  emptyList: ascii("]"),
  append: ascii("a"),
  appends: ascii("e"),
  emptyTuple: ascii(")"),
  tuple: ascii("t"),
  tuple1: Buffer.from([0x85]),
  tuple2: Buffer.from([0x86]),
  emptyDict: ascii("}"),
  setItem: ascii("s"),
  setItems: ascii("u"),
  get: (index: number): Buffer => Buffer.from([0x68, index]),
  put: (index: number): Buffer => Buffer.from([0x71, index]),
  longPut: (index: number): Buffer => Buffer.concat([ascii("r"), uint32(index)]),
  global: (module: string, name: string): Buffer => ascii(`c${module}\n${name}\n`),
  reduce: ascii("R"),
  build: ascii("b"),
  persistentId: ascii("Q"),
} as const;

type Opcodes = readonly Buffer[];

/** A whole pickle around the opcodes of its value. */
export const pickle = (...body: Opcodes): Buffer => Buffer.concat([op.proto(2), ...body, op.stop]);

const tupleOf = (...items: readonly Opcodes[]): Opcodes => [op.mark, ...items.flat(), op.tuple];

interface TensorParts {
  readonly type?: Opcodes;
  readonly tag?: Opcodes;
  readonly key?: Opcodes;
  readonly count?: Opcodes;
  readonly storage?: Opcodes;
  readonly offset?: Opcodes;
  readonly shape?: Opcodes;
  readonly strides?: Opcodes;
  readonly extra?: Opcodes;
}

/** A tensor of two floats over storage 0, by default. */
export function tensor(parts: TensorParts = {}): Opcodes {
  const {
    tag = [op.text("storage")],
    type = [op.global("torch", "FloatStorage")],
    key = [op.text("0")],
    count = [op.int1(2)],
    storage = [...tupleOf(tag, type, key, [op.text("cpu")], count), op.persistentId],
    offset = [op.int1(0)],
    shape = [op.int1(2), op.tuple1],
    strides = [op.int1(1), op.tuple1],
    extra = [],
  } = parts;
  const hooks = [op.global("collections", "OrderedDict"), op.emptyTuple, op.reduce];
  return [
    op.global("torch._utils", "_rebuild_tensor_v2"),
    ...tupleOf(storage, offset, shape, strides, [op.no], hooks, extra),
    op.reduce,
  ];
}

/** The state dict `{"w": …}`. */
export const state = (value: Opcodes): Buffer => pickle(op.emptyDict, op.text("w"), ...value, op.setItem);

export interface ZipEntry {
  readonly name: string;
  readonly data: Uint8Array;
  /** Content of both headers; the local one may differ. */
  readonly method?: number;
  readonly flags?: number;
  readonly size?: number;
  readonly localName?: string;
  readonly localMethod?: number;
  readonly localSize?: number;
  /** Start of the entry according to the directory, if wrong. */
  readonly offset?: number;
}

interface ZipOptions {
  readonly before?: Uint8Array;
  readonly comment?: string;
  readonly disk?: number;
  readonly count?: number;
  readonly directoryOffset?: number;
}

/** A zip archive of stored entries; checksums are 0 and are not checked. */
export function zip(entries: readonly ZipEntry[], options: ZipOptions = {}): Buffer {
  const parts: Buffer[] = [Buffer.from(options.before ?? [])];
  const directory: Buffer[] = [];
  let at = parts[0]?.length ?? 0;
  for (const entry of entries) {
    const { name, data, method = 0, flags = 0, size = data.length } = entry;
    const localName = Buffer.from(entry.localName ?? name);
    const local = Buffer.alloc(30);
    local.write("PK\u0003\u0004", "latin1");
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(entry.localMethod ?? method, 8);
    local.writeUInt32LE(entry.localSize ?? size, 18);
    local.writeUInt32LE(entry.localSize ?? size, 22);
    local.writeUInt16LE(localName.length, 26);
    const central = Buffer.alloc(46);
    central.write("PK\u0001\u0002", "latin1");
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(size, 20);
    central.writeUInt32LE(size, 24);
    central.writeUInt16LE(Buffer.byteLength(name), 28);
    central.writeUInt32LE(entry.offset ?? at, 42);
    directory.push(central, Buffer.from(name));
    parts.push(local, localName, Buffer.from(data));
    at += local.length + localName.length + data.length;
  }
  const records = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(options.disk ?? 0, 4);
  end.writeUInt16LE(options.count ?? entries.length, 8);
  end.writeUInt16LE(options.count ?? entries.length, 10);
  end.writeUInt32LE(records.length, 12);
  end.writeUInt32LE(options.directoryOffset ?? at, 16);
  const comment = Buffer.from(options.comment ?? "");
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, records, end, comment]);
}

/** The entries of a checkpoint around this pickle, with two floats as storage 0. */
export function entries(data: Uint8Array, prefix = "model"): ZipEntry[] {
  return [
    { name: `${prefix}/data.pkl`, data },
    { name: `${prefix}/byteorder`, data: Buffer.from("little") },
    { name: `${prefix}/data/0`, data: new Uint8Array(Float32Array.of(1, 2).buffer) },
  ];
}
