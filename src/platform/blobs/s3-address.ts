import { AppError } from '../../base/errors.ts';

/** Where blobs lie in an S3-compatible service, and who may. */
export interface S3Place {
  /** Of the bucket, path-style: `https://service/bucket`. */
  readonly bucketUrl: string;
  /** Before every id: empty, or with a slash at its end. */
  readonly prefix: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The place that an address names: `s3://bucket/prefix` at AWS or where `AWS_ENDPOINT_URL` says, or
 * `https://service/bucket/prefix`. Credentials and region come from the variables that AWS's own programs read.
 */
export function toS3Place(address: string, environment: Environment): S3Place {
  const url = new URL(address);
  const region = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const [service, bucket, folders] =
    url.protocol === 's3:'
      ? [serviceFrom(environment, region), url.hostname, partsOf(url.pathname)]
      : [url.origin, ...headAndRest(partsOf(url.pathname))];
  if (!bucket) throw new AppError('internal', `The address of the blobs, ${url.origin}…, names no bucket.`);
  const { accessKeyId, secretAccessKey } = {
    accessKeyId: environment['AWS_ACCESS_KEY_ID'],
    secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'],
  };
  if (!accessKeyId || !secretAccessKey) {
    throw new AppError(
      'internal',
      'Blobs in S3 need AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.',
    );
  }
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  return {
    bucketUrl: `${service}/${bucket}`,
    prefix: folders.map((part) => `${part}/`).join(''),
    region,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken ? { sessionToken } : {}),
  };
}

function serviceFrom(environment: Environment, region: string): string {
  const own = environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'];
  return own?.replace(/\/+$/, '') ?? `https://s3.${region}.amazonaws.com`;
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter(Boolean);
}

function headAndRest([head, ...rest]: readonly string[]): readonly [string | undefined, readonly string[]] {
  return [head, rest];
}
