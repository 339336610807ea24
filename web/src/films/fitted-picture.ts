/** A picture of exactly the size of a film, as its vendor wants it: filled, and cut where the shape is another. */
export async function fittedPicture(picture: Blob, size: string): Promise<Blob> {
  const [width = 0, height = 0] = size.split('x').map(Number);
  const bitmap = await openPicture(picture);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const scale = Math.max(width / bitmap.width, height / bitmap.height);
  const across = bitmap.width * scale;
  const down = bitmap.height * scale;
  canvas.getContext('2d')?.drawImage(bitmap, (width - across) / 2, (height - down) / 2, across, down);
  bitmap.close();
  const { promise, resolve } = Promise.withResolvers<Blob | null>();
  canvas.toBlob(resolve, 'image/png');
  const fitted = await promise;
  if (!fitted) throw new Error('The browser could not bring the picture to the size of the film.');
  return fitted;
}

async function openPicture(picture: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(picture);
  } catch (error) {
    throw new Error('The browser cannot read this picture. PNG, JPEG and WebP always work.', {
      cause: error,
    });
  }
}
