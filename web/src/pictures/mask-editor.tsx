import { useSignal, type Signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useObjectAddress } from '../object-address.ts';
import { NumberInput } from '../parts/field.tsx';

interface EditorProps {
  readonly picture: Blob;
  /** Called with what is transparent where the picture may be changed; with nothing where all of it may. */
  readonly onMask: (mask: Blob | undefined) => void;
}

/** A picture to paint on, where it is to be changed. */
export function MaskEditor({ picture, onMask }: EditorProps) {
  const address = useObjectAddress(picture);
  const canvas = useRef<HTMLCanvasElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const brush = useSignal('12');
  const marked = useSignal(false);
  const clear = () => {
    const own = canvas.current;
    own?.getContext('2d')?.clearRect(0, 0, own.width, own.height);
    marked.value = false;
    onMask(undefined);
  };
  useEffect(() => {
    clear();
    place.current?.scrollIntoView({ block: 'nearest' });
  }, [picture]);
  const tell = async () => {
    marked.value = true;
    if (canvas.current) onMask(await maskOf(canvas.current));
  };
  return (
    <div ref={place} class="mask-editor">
      <p class="hint">Paint over what may change. Without paint, everything may.</p>
      <div class="mask-stage">
        {address !== '' && (
          <img
            src={address}
            alt="The picture to be changed"
            onLoad={({ currentTarget: image }) => {
              if (!canvas.current) return;
              canvas.current.width = image.naturalWidth;
              canvas.current.height = image.naturalHeight;
            }}
          />
        )}
        <PaintedCanvas canvas={canvas} brush={brush} onPaint={() => void tell()} />
      </div>
      <div class="actions">
        <BrushField brush={brush} />
        <button type="button" class="quiet" onClick={clear} disabled={!marked.value}>
          Take the paint away
        </button>
      </div>
      <RectangleFields
        onMark={(rectangle) => {
          if (canvas.current) paintRectangle(canvas.current, rectangle);
          void tell();
        }}
      />
    </div>
  );
}

function BrushField({ brush }: { readonly brush: Signal<string> }) {
  return (
    <label class="brush">
      Brush
      <input
        type="range"
        min="2"
        max="40"
        value={brush.value}
        onInput={(event) => (brush.value = event.currentTarget.value)}
      />
    </label>
  );
}

function PaintedCanvas({
  canvas,
  brush,
  onPaint,
}: {
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  /** Per cent of the shorter side. */
  readonly brush: Signal<string>;
  readonly onPaint: () => void;
}) {
  const last = useRef<Point>(undefined);
  const move = (event: PointerEvent, own: HTMLCanvasElement) => {
    if (!last.current) return;
    const point = pointOf(event, own);
    paintLine(own, { from: last.current, to: point, per: Number(brush.peek()) });
    last.current = point;
  };
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label="Paint over the picture with a pointer, or mark a rectangle below"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        last.current = pointOf(event, event.currentTarget);
        move(event, event.currentTarget);
      }}
      onPointerMove={(event) => move(event, event.currentTarget)}
      onPointerUp={() => {
        last.current = undefined;
        onPaint();
      }}
    />
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** In pixels of the picture, however large it is shown. */
function pointOf({ clientX, clientY }: PointerEvent, canvas: HTMLCanvasElement): Point {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  return { x: ((clientX - left) / width) * canvas.width, y: ((clientY - top) / height) * canvas.height };
}

function paintLine(
  canvas: HTMLCanvasElement,
  { from, to, per }: { readonly from: Point; readonly to: Point; readonly per: number },
): void {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  pen.lineCap = 'round';
  pen.lineWidth = (Math.min(canvas.width, canvas.height) * per) / 100;
  pen.strokeStyle = '#d0208a';
  pen.beginPath();
  pen.moveTo(from.x, from.y);
  pen.lineTo(to.x, to.y);
  pen.stroke();
}

/** Sides in per cent of the picture. */
interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function paintRectangle(canvas: HTMLCanvasElement, { left, top, width, height }: Rectangle): void {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  const across = canvas.width / 100;
  const down = canvas.height / 100;
  pen.fillStyle = '#d0208a';
  pen.fillRect(left * across, top * down, width * across, height * down);
}

/** Opaque all over, but for what was painted. */
async function maskOf(painted: HTMLCanvasElement): Promise<Blob | undefined> {
  const mask = document.createElement('canvas');
  mask.width = painted.width;
  mask.height = painted.height;
  const pen = mask.getContext('2d');
  if (!pen) return undefined;
  pen.fillRect(0, 0, mask.width, mask.height);
  pen.globalCompositeOperation = 'destination-out';
  pen.drawImage(painted, 0, 0);
  const { promise, resolve } = Promise.withResolvers<Blob | null>();
  mask.toBlob(resolve, 'image/png');
  return (await promise) ?? undefined;
}

const SIDES = [
  ['left', 'From the left, %'],
  ['top', 'From the top, %'],
  ['width', 'Width, %'],
  ['height', 'Height, %'],
] as const;

/** The same without a pointer. */
function RectangleFields({ onMark }: { readonly onMark: (rectangle: Rectangle) => void }) {
  const sides = useSignal({ left: '25', top: '25', width: '50', height: '50' });
  const numbers = () => {
    const { left, top, width, height } = sides.peek();
    return { left: Number(left), top: Number(top), width: Number(width), height: Number(height) };
  };
  return (
    <details>
      <summary>Mark a rectangle by numbers</summary>
      <div class="fields">
        {SIDES.map(([side, label]) => (
          <NumberInput
            key={side}
            label={label}
            min="0"
            max="100"
            value={sides.value[side]}
            onValue={(value) => (sides.value = { ...sides.peek(), [side]: value })}
          />
        ))}
      </div>
      <button type="button" class="quiet" onClick={() => onMark(numbers())}>
        Mark it
      </button>
    </details>
  );
}
