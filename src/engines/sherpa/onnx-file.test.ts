import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testData } from '../../../test/decode-support.ts';
import { emptyFolder, needsData, onnxOutline } from '../../../test/sherpa-support.ts';
import { describeOnnxFile, checkOrtFile } from './onnx-file.ts';

test('reads what an exporter wrote into a real model', async (t) => {
  if (!needsData(t, 'mini-whisper-test/mini-encoder.onnx')) return;
  const { metadata } = await describeOnnxFile(join(testData, 'mini-whisper-test/mini-encoder.onnx'));
  assert.equal(metadata.get('n_mels'), '80');
  assert.equal(metadata.get('all_language_codes')?.split(',').length, 99);
});

test('says of each file that is no whole model what it is', async (t) => {
  const whole = onnxOutline({ sample_rate: 16_000 });
  const cases: Record<string, { readonly bytes: Buffer; readonly what: RegExp }> = {
    'empty.onnx': { bytes: Buffer.alloc(0), what: /: empty\.onnx is empty$/ },
    'half.onnx': { bytes: whole.subarray(0, 8), what: /is cut off/ },
    'less-one.onnx': { bytes: whole.subarray(0, -1), what: /is cut off/ },
    'page.onnx': { bytes: Buffer.from('<!doctype html><p>Not found'), what: /is not an ONNX file/ },
    'pointer.onnx': {
      bytes: Buffer.from('version https://git-lfs.github.com/spec/v1\n'),
      what: /is not an ONNX file/,
    },
    'zeros.onnx': { bytes: Buffer.alloc(4096), what: /is not an ONNX file/ },
    'no-graph.onnx': { bytes: Buffer.of(8, 7), what: /is not an ONNX file/ },
  };
  const folder = emptyFolder(t);
  for (const [name, { bytes, what }] of Object.entries(cases)) {
    writeFileSync(join(folder, name), bytes);
    await assert.rejects(describeOnnxFile(join(folder, name)), what);
  }
  await assert.rejects(describeOnnxFile(join(folder, 'absent.onnx')), /absent\.onnx cannot be read/);
  writeFileSync(join(folder, 'whole.onnx'), whole);
  assert.deepEqual(
    [...(await describeOnnxFile(join(folder, 'whole.onnx'))).metadata],
    [['sample_rate', '16000']],
  );
});

test("knows the runtime's own format by its mark", async (t) => {
  const folder = emptyFolder(t);
  writeFileSync(join(folder, 'good.ort'), Buffer.from('\x1c\0\0\0ORTM....', 'latin1'));
  writeFileSync(join(folder, 'bad.ort'), Buffer.from('something else'));
  await checkOrtFile(join(folder, 'good.ort'));
  await assert.rejects(checkOrtFile(join(folder, 'bad.ort')), /bad\.ort is not an ONNX Runtime file/);
});
