import { z } from 'zod';
import { AppError, type FieldIssue } from '../../base/errors.ts';
import type { ImageRequest, ImageSetting, ImageWish, PixelSize } from '../../core/image/image.ts';
import type { MediaInput } from '../../core/media-input.ts';
import type { OutputFolders } from '../../core/ports/output-folders.ts';
import type { Asked } from '../../core/setting-support.ts';
import type { Warning } from '../../core/warning.ts';
import { askedIn } from '../asked-settings.ts';
import { mediaAt } from '../media-address.ts';
import { invalidFields, parseBody } from '../parse-body.ts';
import type { EigenBody } from './eigen-body.ts';
import { flagField, integerField, numberField, seedField, textField } from './eigen-fields.ts';

const MAX_PROMPT_CHARACTERS = 100_000;
const SIDE = { least: 512, most: 2048, usual: 1024 };
const SIZE_TEXT = /^(\d{1,5})\s*[x*]\s*(\d{1,5})$/i;

/** The names under which a picture may be sent as a file, and how many there may be in all. */
const FILE_FIELDS = ['images', 'image', 'image_file'];
const MOST_PICTURES = 9;

/** Models that only change pictures. */
const EDITORS = ['qwen-image-edit-2511'];

const side = integerField.pipe(z.number().min(SIDE.least).max(SIDE.most).nullish());
const sizeField = z
  .string()
  .refine((text) => isWithin(sizeIn(text)), {
    error: `must be WIDTHxHEIGHT with sides from ${SIDE.least} to ${SIDE.most}`,
  })
  .nullish();

export const imageFields = z.object({
  prompt: z.string().trim().min(1).max(MAX_PROMPT_CHARACTERS),
  mode: z.enum(['text-to-image', 'image-editing']).nullish(),
  seed: seedField.pipe(z.number().min(0).nullish()),
  width: side,
  height: side,
  size: sizeField,
  image_path: textField,
  output_format: z.enum(['jpg', 'png', 'jpeg']).nullish(),
  binary_response: flagField,
  real_time: flagField,
  guidance_scale: numberField,
  sample_guide_scale: numberField,
  true_cfg_scale: numberField,
  num_inference_steps: numberField,
  sample_steps: numberField,
  negative_prompt: textField,
  downsizing_mp: numberField,
  lora_strength: numberField,
  rank: numberField,
  offloading: flagField,
  caption: flagField,
  weight: z.preprocess((value) => (typeof value === 'number' ? String(value) : value), textField),
  s3_output_path: textField,
});

type ImageFields = z.output<typeof imageFields>;

/** How this vendor spells our settings of pictures. */
export const EIGEN_IMAGE_PARAMETERS = {
  width: 'size',
  height: 'size',
  size: 'size',
  seed: 'seed',
  real_time: 'web_search',
  guidance_scale: 'guidance',
  sample_guide_scale: 'guidance',
  true_cfg_scale: 'true_guidance',
  num_inference_steps: 'steps',
  sample_steps: 'steps',
  negative_prompt: 'negative_prompt',
  downsizing_mp: 'input_megapixels',
  lora_strength: 'lora_strength',
  rank: 'lora_rank',
  offloading: 'offloading',
  caption: 'caption',
  weight: 'profile',
} as const satisfies Readonly<Record<string, ImageSetting>>;

/** A request for a picture in our words. */
export interface EigenImageTask {
  readonly request: ImageRequest;
  /** Whether the caller wants the bytes themselves. */
  readonly binary: boolean;
  /** Where the operator's folders get a copy of it. */
  readonly output?: string;
  /** What the caller sent in vain. */
  readonly warnings: readonly Warning[];
}

/** A picture that is wanted, as it arrived. */
export interface EigenImageWish {
  readonly model: string;
  readonly body: EigenBody;
  readonly requestId: string;
}

/** Checks and translates. Throws `invalid_request` naming the wrong fields as the caller spells them. */
export function toEigenImageTask(
  { model, body, requestId }: EigenImageWish,
  outputs: OutputFolders | undefined,
): EigenImageTask {
  refuseText(body);
  const fields = parseBody(imageFields, body.fields);
  const { inputs, warnings: sources } = pictures(fields, body);
  const editing = fields.mode === 'image-editing' || EDITORS.includes(model);
  if (editing && inputs.length === 0) throw noPicture();
  const useless = [...uselessFields(fields), ...(outputs ? [] : uselessOutput(fields))];
  return {
    request: {
      ...wishOf(fields, inputs.length > 0),
      model,
      count: 1,
      format: { id: fields.output_format?.startsWith('jp') ? 'jpeg' : 'png' },
      inputs,
      ...inputLimit(fields),
      previews: 0,
      asked: askedSettings(
        fields,
        useless.map(({ setting }) => setting),
      ),
      spelling: {
        prompt: 'prompt',
        model: 'model',
        inputs: fileField(body) ?? 'image_path',
        mask: 'mask',
        size: typeof fields.width === 'number' || !fields.size ? 'width' : 'size',
      },
    },
    binary: fields.binary_response ?? false,
    ...(outputs ? outputOf(fields, requestId, outputs) : {}),
    warnings: [...sources, ...useless],
  };
}

function inputLimit({ downsizing_mp: megapixels }: ImageFields): Pick<ImageRequest, 'inputMegapixels'> {
  return isPositive(megapixels) ? { inputMegapixels: megapixels } : {};
}

function sizeIn(text: string): PixelSize | undefined {
  const [, width, height] = SIZE_TEXT.exec(text.trim()) ?? [];
  return width === undefined || height === undefined
    ? undefined
    : { width: Number(width), height: Number(height) };
}

function isWithin(size: PixelSize | undefined): boolean {
  if (!size) return false;
  return [size.width, size.height].every((length) => length >= SIDE.least && length <= SIDE.most);
}

function isPositive(value: number | null | undefined): value is number {
  return typeof value === 'number' && value > 0;
}

/** A file part is one with a file name; text where a file belongs is refused, for it would be lost in silence. */
function refuseText({ fields, files }: EigenBody): void {
  const nameless = files.filter(({ filename }) => !filename).map(({ field }) => plain(field));
  const wrong = FILE_FIELDS.filter((name) => fields[name] !== undefined || nameless.includes(name));
  if (wrong.length === 0) return;
  const message = 'must be a file part with a file name; an address goes into image_path';
  throw invalidFields(wrong.map((name): FieldIssue => ({ path: [name], kind: 'wrong_type', message })));
}

/** Clients write a list as `images`, `images[]` or `images[0]`. */
function plain(field: string): string {
  return field.replace(/\[\d*\]$/, '');
}

function fileField({ files }: EigenBody): string | undefined {
  return files.map(({ field }) => plain(field)).find((name) => FILE_FIELDS.includes(name));
}

/** Pictures that came as files count more than an address. */
function pictures(
  { image_path: path }: ImageFields,
  body: EigenBody,
): { readonly inputs: readonly MediaInput[]; readonly warnings: readonly Warning[] } {
  const files = body.files.filter(({ field }) => FILE_FIELDS.includes(plain(field)));
  if (files.length > MOST_PICTURES) {
    const message = `must be at most ${MOST_PICTURES} files, and there are ${files.length}`;
    const field = fileField(body) ?? 'images';
    throw invalidFields([{ path: [field], kind: 'too_long', message, limit: MOST_PICTURES }]);
  }
  if (files.length === 0) return { inputs: path ? [mediaAt('image_path', path)] : [], warnings: [] };
  const reason = 'the pictures that were sent as files count more';
  return {
    inputs: files.map(({ media, filename }) => ({ ...media, filename })),
    warnings: path ? [{ type: 'ignored', setting: 'image_path', reason }] : [],
  };
}

function noPicture(): Error {
  const message =
    'this field is required to change a picture: send it as a file, or its address in image_path';
  return invalidFields([{ path: ['images'], kind: 'missing', message }]);
}

function wishOf(fields: ImageFields, editing: boolean): ImageWish {
  const size = wantedSize(fields, editing);
  return {
    prompt: fields.prompt,
    ...(size ? { size } : {}),
    ...filled('seed', fields.seed),
    ...filled('negativePrompt', fields.negative_prompt),
    ...filled('steps', fields.num_inference_steps ?? fields.sample_steps),
    ...filled('guidance', fields.guidance_scale ?? fields.sample_guide_scale),
    ...filled('trueGuidance', fields.true_cfg_scale),
    ...filled('loraStrength', fields.lora_strength),
    ...filled('loraRank', fields.rank),
    ...filled('offloading', fields.offloading),
    ...filled('profile', fields.weight),
    ...filled('caption', fields.caption),
  };
}

/** A changed picture stays of its size unless one is asked for. */
function wantedSize({ width, height, size }: ImageFields, editing: boolean): PixelSize | undefined {
  if (typeof width === 'number' || typeof height === 'number') {
    return { width: width ?? SIDE.usual, height: height ?? SIDE.usual };
  }
  const asked = sizeIn(size ?? '');
  return asked ?? (editing ? undefined : { width: SIDE.usual, height: SIDE.usual });
}

function filled<Name extends keyof ImageWish>(
  name: Name,
  value: ImageWish[Name] | null,
): { readonly [Key in Name]?: ImageWish[Name] } {
  if (value === undefined || value === null || value === '') return {};
  // An object with the one key `name`: TypeScript widens a computed key to `string`.
  return { [name]: value } as { [Key in Name]: ImageWish[Name] };
}

function askedSettings(fields: ImageFields, useless: readonly string[]): Asked<ImageSetting>[] {
  return askedIn(EIGEN_IMAGE_PARAMETERS, fields).filter(
    ({ parameter, value }) => value !== false && !useless.includes(parameter),
  );
}

/** Fields that have no meaning beside the others, or in this installation. */
function uselessFields(fields: ImageFields): Warning[] {
  const warnings: Warning[] = [];
  const ignored = (setting: keyof ImageFields, reason: string) => {
    const value = fields[setting];
    if (value !== undefined && value !== null) warnings.push({ type: 'ignored', setting, reason });
  };
  if (typeof fields.num_inference_steps === 'number') ignored('sample_steps', 'num_inference_steps says it');
  if (typeof fields.guidance_scale === 'number') ignored('sample_guide_scale', 'guidance_scale says it');
  if (!isPositive(fields.downsizing_mp)) ignored('downsizing_mp', 'it must be more than 0');
  if (typeof fields.width === 'number' || typeof fields.height === 'number') {
    ignored('size', 'width and height say it');
  }
  return warnings;
}

function uselessOutput({ s3_output_path: path }: ImageFields): Warning[] {
  const reason = 'this server has no folder for copies';
  return path ? [{ type: 'ignored', setting: 's3_output_path', reason }] : [];
}

/** A path that ends in a slash is a folder, in which the request has a file of its own. */
function outputOf(
  { s3_output_path: path, output_format: format }: ImageFields,
  requestId: string,
  outputs: OutputFolders,
): Pick<EigenImageTask, 'output'> {
  if (!path) return {};
  const extension = format === 'jpg' || format === 'jpeg' ? 'jpg' : 'png';
  const output = path.endsWith('/') ? `${path}${requestId}.${extension}` : path;
  if (outputs.allows(output)) return { output };
  throw new AppError(
    'permission_denied',
    'Nothing may be written there: it is below no prefix that this server allows.',
    {
      param: 's3_output_path',
    },
  );
}
