import { getAudioFormat } from '../../media/formats/index.ts';
import type { FileService } from '../files/file-service.ts';
import { jobFileId } from '../jobs/job-file-ids.ts';
import type { JobHandler } from '../jobs/job-service.ts';
import type { SoundService } from './sound-service.ts';

/** What a job that makes sound needs. */
export interface SoundJobParts {
  readonly sound: SoundService;
  readonly files: FileService;
}

/** Makes the sound of a job and keeps it under an id that follows from the job's, so that doing it twice leaves one file. */
export function soundJobHandler({ sound, files }: SoundJobParts): JobHandler<'sound'> {
  return async ({ job, context }) => {
    const request = { ...job.input, delivery: 'whole' } as const;
    const result = await sound.make(request, context);
    const { extension } = getAudioFormat(request.format);
    const file = await files.keep({
      id: jobFileId(job.id, 'main'),
      ownerId: job.ownerId,
      mediaType: result.mediaType,
      filename: `${job.id}.${extension}`,
      bytes: result.chunks,
    });
    return {
      file: { fileId: file.id, mediaType: file.mediaType, byteLength: file.byteLength },
      warnings: result.warnings,
      servedBy: result.servedBy,
      standIn: result.standIn,
    };
  };
}
