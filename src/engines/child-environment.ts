/** What native code and Node itself look for: the system, the language, where libraries and temporary files are. */
const NAMES: readonly string[] = [
  'PATH',
  'TMPDIR',
  'TMP',
  'TEMP',
  'TZ',
  'LANG',
  'LANGUAGE',
  'SYSTEMROOT',
  'WINDIR',
  'LD_LIBRARY_PATH',
  'LD_PRELOAD',
  'DYLD_LIBRARY_PATH',
  'DYLD_FALLBACK_LIBRARY_PATH',
  'NODE_OPTIONS',
  'NODE_COMPILE_CACHE',
  'UV_THREADPOOL_SIZE',
];

/** Which processor is used, and how. */
const BEGINNINGS: readonly string[] = [
  'LC_',
  'MALLOC_',
  'OMP_',
  'OPENBLAS_',
  'MKL_',
  'VIPS_',
  'CUDA_',
  'NVIDIA_',
  'HIP_',
  'ROCR_',
  'GGML_',
  'VK_',
];

/**
 * The part of an environment that child processes and threads get. They work on what strangers send, and have no use for
 * passwords of databases, keys of other services or the rest of what an operator sets.
 */
export function childEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const needed = Object.entries(environment).filter(([name, value]) => {
    const upper = name.toUpperCase();
    return value !== undefined && (NAMES.includes(upper) || BEGINNINGS.some((one) => upper.startsWith(one)));
  });
  return Object.fromEntries(needed.map(([name, value]) => [name, value ?? '']));
}
