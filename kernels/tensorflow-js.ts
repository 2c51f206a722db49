/**
 * The functions of TensorFlow.js that this package uses; types come from the package itself. The build replaces this module
 * by these functions alone (tools/package/inline.ts): the package has 470 exports, which take longer to load than everything
 * else, and its module for Node cannot be bundled. Engine, kernels and backends are shared with other copies of TensorFlow.js
 * in the process.
 */
export {
  KernelBackend,
  Tensor,
  add,
  backend,
  concat,
  copyRegisteredKernels,
  dispose,
  engine,
  env,
  findBackend,
  getBackend,
  getKernel,
  getKernelsForBackend,
  keep,
  matMul,
  mul,
  registerBackend,
  registerKernel,
  relu,
  removeBackend,
  reshape,
  setBackend,
  slice,
  split,
  tensor,
  tensor2d,
  tidy,
  unregisterKernel,
  util,
  zeros,
} from "@tensorflow/tfjs-core";
