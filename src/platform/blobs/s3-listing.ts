import type { ListedBlob } from './file-listing.ts';
import { textOf } from './s3-multipart.ts';
import { refuseRefusal, type S3Requests } from './s3-requests.ts';

/** Every object under a prefix, a thousand at a time. */
export async function* listObjects(send: S3Requests, prefix: string): AsyncGenerator<ListedBlob> {
  let token: string | undefined;
  do {
    const answer = await send({
      method: 'GET',
      query: {
        'list-type': '2',
        ...(prefix ? { prefix } : {}),
        ...(token === undefined ? {} : { 'continuation-token': token }),
      },
    });
    const said = await (await refuseRefusal(answer, 'list objects')).text();
    for (const [, object = ''] of said.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const key = textOf('Key', object);
      if (key?.startsWith(prefix) && !key.endsWith('/'))
        yield { id: key.slice(prefix.length), byteLength: Number(textOf('Size', object)) };
    }
    token = textOf('NextContinuationToken', said);
  } while (token !== undefined);
}
