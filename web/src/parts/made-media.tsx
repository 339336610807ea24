import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useObjectAddress } from '../object-address.ts';

/** So much of a text is shown; the whole is in the download. */
const SHOWN_CHARACTERS = 20_000;

const EXTENSIONS: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/flac': 'flac',
  'audio/aac': 'aac',
  'audio/ogg': 'ogg',
  'audio/opus': 'opus',
  'application/json': 'json',
  'application/x-subrip': 'srt',
  'text/vtt': 'vtt',
  'text/plain': 'txt',
  'text/event-stream': 'txt',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
  'application/zip': 'zip',
};

/** Something that was made, shown as what it is, with a way to keep it. */
export function MadeMedia({
  made,
  name,
  label,
}: {
  readonly made: Blob;
  /** Of the file, without its extension. */
  readonly name: string;
  readonly label: string;
}) {
  const address = useObjectAddress(made);
  const type = made.type.split(';')[0]?.trim() ?? '';
  if (address === '') return null;
  return (
    <div class="shown">
      <Shown made={made} address={address} label={label} />
      <p>
        <a href={address} download={`${name}.${EXTENSIONS[type] ?? 'bin'}`}>
          Download
        </a>
      </p>
    </div>
  );
}

interface ShownProps {
  readonly made: Blob;
  readonly address: string;
  readonly label: string;
}

function Shown({ made, address, label }: ShownProps) {
  const { type } = made;
  if (type.startsWith('audio/') && document.createElement('audio').canPlayType(type) !== '') {
    return <audio controls src={address} aria-label={label} />;
  }
  if (type.startsWith('image/')) return <img src={address} alt={label} />;
  if (type.startsWith('video/')) return <video controls src={address} aria-label={label} />;
  if (type.startsWith('text/') || type.startsWith('application/json')) {
    return <Written made={made} label={label} />;
  }
  return <p class="soft">A browser cannot show this ({type || 'of an unknown kind'}); download it.</p>;
}

/** Text as it is, and the pictures that stand in it. */
function Written({ made, label }: Pick<ShownProps, 'made' | 'label'>) {
  const text = useSignal('');
  useEffect(() => {
    const read = async () => {
      text.value = await made.text();
    };
    void read();
  }, [made]);
  const pictures = picturesIn(text.value);
  if (pictures.length > 0) {
    return pictures.map((picture, at) => <img key={at} src={picture} alt={`${label}, picture ${at + 1}`} />);
  }
  return (
    <pre tabIndex={0} role="region" aria-label={`${label}: result`}>
      {text.value.slice(0, SHOWN_CHARACTERS)}
    </pre>
  );
}

const PICTURE = /"b64_json":\s*"([A-Za-z0-9+/=]+)"/g;

/** How the best known kinds of pictures begin in base64. */
const BEGINNINGS: readonly (readonly [start: string, type: string])[] = [
  ['iVBOR', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['UklGR', 'image/webp'],
];

function picturesIn(text: string): readonly string[] {
  return [...text.matchAll(PICTURE)].flatMap(([, base64 = '']) => {
    const type = BEGINNINGS.find(([start]) => base64.startsWith(start))?.[1];
    return type === undefined ? [] : [`data:${type};base64,${base64}`];
  });
}
