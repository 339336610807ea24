import type { MediaProfile } from '../media-profile.ts';

/** SGLang with a diffusion model. It answers with addresses unless it is told otherwise. */
export const sglangDiffusionProfile: MediaProfile = {
  id: 'sglang-diffusion',
  title: 'SGLang diffusion',
  healthPath: '/health',
  concurrency: 2,
  image: {
    diffusion: {
      path: '/v1/images/generations',
      editPath: '/v1/images/edits',
      fields: {
        seed: { field: 'seed' },
        steps: { field: 'num_inference_steps', minimum: 1, maximum: 200 },
        guidance: { field: 'guidance_scale', minimum: 0, maximum: 20 },
        true_guidance: { field: 'true_cfg_scale', minimum: 0, maximum: 20 },
        negative_prompt: { field: 'negative_prompt' },
        background: { field: 'background' },
      },
      constant: { response_format: 'b64_json', output_format: 'png' },
      sizes: { step: 16, minimum: 256, maximum: 2048, usual: { width: 1024, height: 1024 } },
      inputField: 'image[]',
      maxInputs: 4,
      mask: { field: 'mask', changed: 'transparent' },
    },
  },
};
