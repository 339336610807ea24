import { useSignal, type Signal } from '@preact/signals';
import { imageSamples } from '../code/image-code.ts';
import { origin } from '../connection.ts';
import { useEngineModels } from '../engine-models.ts';
import '../media.css';
import { CopyCode } from '../parts/copy-code.tsx';
import { FileDrop } from '../parts/file-drop.tsx';
import { Page } from '../parts/page.tsx';
import { TaskButtons } from '../parts/task-buttons.tsx';
import { MaskEditor } from '../pictures/mask-editor.tsx';
import { PictureFields } from '../pictures/picture-fields.tsx';
import { PictureGallery } from '../pictures/picture-gallery.tsx';
import { makePictures, type Picture } from '../pictures/picture-making.ts';
import type { PictureSource, PictureWish } from '../pictures/picture-wish.ts';
import { saveFile } from '../sound/save-file.ts';
import type { SpeechNotes } from '../speech/speech-notes.ts';
import { useTask } from '../task.ts';

const USUAL: PictureWish = {
  prompt: 'A lighthouse on a cliff at dawn, calm sea',
  model: 'auto',
  size: 'auto',
  count: 1,
  format: 'png',
  background: 'auto',
  seed: '',
  avoid: '',
};

const FROM_WORDS: PictureSource = { pictures: [], mask: undefined };

/** What has come of a wish so far. */
interface Making {
  readonly prompt: string;
  readonly pictures: readonly Picture[];
  readonly preview: Picture | undefined;
  readonly wanted: number;
  readonly notes: SpeechNotes | undefined;
}

/** Makes pictures from words and changes pictures by words. */
export function Pictures() {
  const wish = useSignal(USUAL);
  const source = useSignal(FROM_WORDS);
  const making = useSignal<Making | undefined>(undefined);
  const task = useTask();
  const models = useEngineModels('image');
  const make = () =>
    task.begin(async (signal) => {
      const { prompt, count } = wish.peek();
      making.value = { prompt, pictures: [], preview: undefined, wanted: count, notes: undefined };
      const put = (change: (now: Making) => Partial<Making>) => {
        const now = making.peek();
        if (now) making.value = { ...now, ...change(now) };
      };
      await makePictures(wish.peek(), source.peek(), {
        signal,
        onNotes: (notes) => put(() => ({ notes })),
        onPreview: (preview) => put(() => ({ preview })),
        onPicture: (picture) =>
          put(({ pictures }) => ({ pictures: [...pictures, picture], preview: undefined })),
      });
    });
  const isChange = source.value.pictures.length > 0;
  const made = making.value;
  const running = task.running.value;
  return (
    <Page title="Pictures" lead="Describe a picture, or say how one is to be changed.">
      <section class="card">
        <PictureFields wish={wish} models={models} />
        <SourceFields source={source} />
        <TaskButtons
          task={task}
          label={isChange ? 'Change it' : 'Paint it'}
          busyLabel="Painting …"
          onBegin={make}
        >
          <span role="status" class="soft">
            {made && running && made.wanted > 1 ? `${made.pictures.length} of ${made.wanted}` : ''}
          </span>
        </TaskButtons>
      </section>
      {made && (running || made.pictures.length > 0) && (
        <PictureGallery
          pictures={made.pictures}
          preview={made.preview}
          missing={running ? Math.max(0, made.wanted - made.pictures.length) : 0}
          prompt={made.prompt}
          notes={made.notes}
          onChange={(picture) => {
            source.value = { pictures: [picture], mask: undefined };
          }}
        />
      )}
      <CopyCode samples={imageSamples(wish.value, source.value, origin)} />
    </Page>
  );
}

function SourceFields({ source }: { readonly source: Signal<PictureSource> }) {
  const { pictures, mask } = source.value;
  const [first] = pictures;
  return (
    <>
      <FileDrop
        label="Picture to change"
        hint="Leave this empty to paint from words alone. PNG, JPEG, WebP, GIF, AVIF or TIFF."
        accept="image/*"
        onFile={(picture) => {
          source.value = { pictures: [...source.peek().pictures, picture], mask: source.peek().mask };
        }}
      />
      {first && (
        <>
          <div class="actions">
            <span class="soft">{pictures.map(({ name }) => name).join(', ')}</span>
            <button type="button" class="quiet" onClick={() => (source.value = FROM_WORDS)}>
              Without a picture
            </button>
          </div>
          <MaskEditor
            picture={first}
            onMask={(painted) => {
              source.value = { ...source.peek(), mask: painted };
            }}
          />
          {mask && (
            <div class="actions">
              <button type="button" class="quiet" onClick={() => saveFile(mask, 'mask.png')}>
                Download the mask
              </button>
            </div>
          )}
        </>
      )}
    </>
  );
}
