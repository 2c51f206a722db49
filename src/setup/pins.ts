/** Everything that setup downloads: versions, and the SHA-256 of each wheel. */

export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

export type Variant = "cpu" | "cuda";

/** The headers of Node-API: the addon needs no other headers of Node. */
export const nodeApiHeaders = { name: "node-api-headers", version: "1.9.0" } as const;

/** The platform of the wheels, whatever Python is installed: only pip's downloader is used. */
export const wheelTarget = [
  "--python-version=3.12",
  "--implementation=cp",
  "--abi=cp312",
  "--platform=manylinux_2_27_x86_64",
  "--platform=manylinux2014_x86_64",
  "--platform=manylinux_2_17_x86_64",
  "--platform=manylinux2010_x86_64",
  "--platform=manylinux_2_12_x86_64",
] as const;

/** The oldest glibc that runs these wheels. */
export const oldestGlibc = [2, 27] as const;

const tensorflowVersion = "2.21.0";

export const tensorflowWheels: Readonly<Record<Variant, Wheel>> = {
  cpu: {
    name: "tensorflow-cpu",
    version: tensorflowVersion,
    sha256: "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb",
  },
  cuda: {
    name: "tensorflow",
    version: tensorflowVersion,
    sha256: "b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0",
  },
};

/** NVIDIA's libraries, within the bounds of the extra `and-cuda` of TensorFlow 2.21.0. */
export const cudaWheels: readonly Wheel[] = [
  {
    name: "nvidia-cublas-cu12",
    version: "12.9.3.13",
    sha256: "d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72",
  },
  {
    name: "nvidia-cuda-cupti-cu12",
    version: "12.8.90",
    sha256: "ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182",
  },
  {
    name: "nvidia-cuda-nvcc-cu12",
    version: "12.9.86",
    sha256: "5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0",
  },
  {
    name: "nvidia-cuda-nvrtc-cu12",
    version: "12.9.86",
    sha256: "210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4",
  },
  {
    name: "nvidia-cuda-runtime-cu12",
    version: "12.9.79",
    sha256: "25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3",
  },
  {
    name: "nvidia-cudnn-cu12",
    version: "9.28.0.42",
    sha256: "9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375",
  },
  {
    name: "nvidia-cufft-cu12",
    version: "11.4.1.4",
    sha256: "c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28",
  },
  {
    name: "nvidia-curand-cu12",
    version: "10.3.10.19",
    sha256: "49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e",
  },
  {
    name: "nvidia-cusolver-cu12",
    version: "11.7.5.82",
    sha256: "15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88",
  },
  {
    name: "nvidia-cusparse-cu12",
    version: "12.5.10.65",
    sha256: "73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78",
  },
  {
    name: "nvidia-nccl-cu12",
    version: "2.32.3",
    sha256: "bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c",
  },
  {
    name: "nvidia-nvjitlink-cu12",
    version: "12.9.86",
    sha256: "e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9",
  },
];

/** Free disk space that a setup needs at its peak, in bytes: wheels and their contents. */
export const neededBytes: Readonly<Record<Variant, number>> = { cpu: 1.5e9, cuda: 9e9 };
