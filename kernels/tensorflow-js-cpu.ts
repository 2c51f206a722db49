/** The plain JavaScript backend of TensorFlow.js, with its kernels; see tensorflow-js.ts. */
export { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
