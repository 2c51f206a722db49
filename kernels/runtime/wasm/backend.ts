/**
 * The `wasm` backend of TensorFlow.js: every tensor lies in one WebAssembly memory, and every kernel runs there.
 * Kernels are synchronous, so values can be read at any time.
 */
import { KernelBackend, engine } from "../../tensorflow-js.ts";
import type { BackendValues, DataType, TensorInfo } from "@tensorflow/tfjs-core";
import { RuntimeError } from "../../../src/errors.ts";
import { unpack } from "./cache-panels.ts";
import type { CachePanels } from "./cache-panels.ts";
import { sizeOf } from "../../kernel.ts";
import type { PackedMatrix } from "./packed-matrix.ts";
import type { WasmRuntime } from "./runtime.ts";

type DataId = object;

interface Place {
  address: number;
  readonly size: number;
  readonly dtype: DataType;
  references: number;
  /** The values as a cache in panels; undefined: they lie in rows. */
  panels: CachePanels | undefined;
  /** A weight matrix in the layout of the products; there are no values then. */
  matrix: PackedMatrix | undefined;
}

/** Bytes of a value, for the types that the models use. */
const valueBytes: Readonly<Partial<Record<DataType, number>>> = { float32: 4, int32: 4, bool: 1 };

export class WasmBackend extends KernelBackend {
  readonly runtime: WasmRuntime;
  readonly #places = new Map<DataId, Place>();

  constructor(runtime: WasmRuntime) {
    super();
    this.runtime = runtime;
  }

  /** A tensor whose values are not set. */
  allocate(shape: readonly number[], dtype: DataType = "float32"): TensorInfo {
    const width = valueBytes[dtype];
    if (width === undefined) throw unsupported(dtype);
    const size = sizeOf(shape);
    const dataId = {};
    const address = this.runtime.allocator.allocate(size * width);
    this.#places.set(dataId, { address, size, dtype, references: 1, panels: undefined, matrix: undefined });
    return { dataId, shape: shape as number[], dtype };
  }

  /** A tensor that represents a packed matrix and owns it. */
  adopt(matrix: PackedMatrix): TensorInfo {
    const dataId = {};
    this.#places.set(dataId, {
      address: matrix.weights,
      size: 0,
      dtype: "float32",
      references: 1,
      panels: undefined,
      matrix,
    });
    return { dataId, shape: [matrix.rows, matrix.columns], dtype: "float32" };
  }

  /** Address of the values of a tensor, row after row. */
  address({ dataId }: TensorInfo): number {
    const place = this.#place(dataId);
    if (place.matrix !== undefined) {
      throw new RuntimeError("kernel_arguments", "wasm", "a packed weight matrix instead of values");
    }
    if (place.panels !== undefined) this.#toRows(place, place.panels);
    return place.address;
  }

  matrix({ dataId }: TensorInfo): PackedMatrix {
    const { matrix } = this.#place(dataId);
    if (matrix === undefined) {
      throw new RuntimeError("kernel_arguments", "wasm", "values instead of a packed weight matrix");
    }
    return matrix;
  }

  /** The panels of a cache that attention has packed. */
  panels({ dataId }: TensorInfo): CachePanels | undefined {
    return this.#place(dataId).panels;
  }

  /** Replaces a tensor's rows, which are freed, by panels, which it then owns. */
  adoptPanels({ dataId }: TensorInfo, panels: CachePanels): void {
    const place = this.#place(dataId);
    this.runtime.allocator.free(place.address);
    place.address = panels.address;
    place.panels = panels;
  }

  override write(values: BackendValues | null, shape: number[], dtype: DataType): DataId {
    const info = this.allocate(shape, dtype);
    if (values !== null) this.#set(this.#place(info.dataId), values);
    return info.dataId;
  }

  override move(
    dataId: DataId,
    values: BackendValues,
    shape: number[],
    dtype: DataType,
    references: number,
  ): void {
    const info = this.allocate(shape, dtype);
    const place = this.#place(info.dataId);
    this.#places.delete(info.dataId);
    place.references = references;
    this.#places.set(dataId, place);
    this.#set(place, values);
  }

  override readSync(dataId: DataId): BackendValues {
    const place = this.#place(dataId);
    const address = this.address({ dataId, shape: [], dtype: place.dtype });
    if (place.dtype === "int32") return this.runtime.ints(address, place.size).slice() as BackendValues;
    if (place.dtype === "bool") return this.runtime.bytes.slice(address, address + place.size);
    const copy = new Float32Array(place.size); // values are expected in unshared memory
    copy.set(this.runtime.floats(address, place.size));
    return copy;
  }

  /** Copies the values of a float32 tensor to `target`, without allocating an array. */
  readInto(dataId: DataId, target: Float32Array): void {
    const place = this.#place(dataId);
    target.set(this.runtime.floats(this.address({ dataId, shape: [], dtype: place.dtype }), place.size));
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  override refCount(dataId: DataId): number {
    return this.#places.get(dataId)?.references ?? 0;
  }

  override incRef(dataId: DataId): void {
    this.#place(dataId).references++;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const place = this.#places.get(dataId);
    if (place === undefined) return true;
    if (--place.references > 0 && !force) return false;
    if (place.matrix === undefined) this.runtime.allocator.free(place.address);
    else for (const address of place.matrix.owned) this.runtime.allocator.free(address);
    this.#places.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.#places.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.runtime.stop();
  }

  #place(dataId: DataId): Place {
    const known = this.#places.get(dataId);
    if (known !== undefined) return known;
    // A tensor of another backend: the engine moves it here.
    engine().moveData(this, dataId);
    const moved = this.#places.get(dataId);
    if (moved === undefined)
      throw new RuntimeError("internal", "wasm", "a tensor that this backend does not hold");
    return moved;
  }

  #set(place: Place, values: BackendValues): void {
    const { address, size, dtype } = place;
    if (dtype === "float32") this.runtime.floats(address, size).set(values as Float32Array);
    else if (dtype === "int32") this.runtime.ints(address, size).set(values as Int32Array);
    else this.runtime.bytes.set(values as Uint8Array, address);
  }

  /** Converts a packed cache back to rows when its values are read. The next attention packs it again. */
  #toRows(place: Place, panels: CachePanels): void {
    const rows = this.runtime.allocator.allocate(place.size * 4);
    unpack(this.runtime, panels, rows);
    this.runtime.allocator.free(place.address);
    place.address = rows;
    place.panels = undefined;
  }
}

function unsupported(dtype: DataType): RuntimeError {
  return new RuntimeError("kernel_arguments", "wasm", `a tensor of type ${dtype}`, {
    wanted: "float32, int32 or bool",
  });
}
