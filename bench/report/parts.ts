import type { BenchPart, NamedPlot, Reading } from './bench-part.ts';
import { columnOf, figureIn, findTable, type Table } from './markdown-table.ts';
import type { Series } from './svg-plot.ts';

type Pledge = Omit<Reading, 'of' | 'value'>;

/** One reading for each row whose name matches. */
function readingsOf(
  table: Table | undefined,
  { head, rows = /./ }: { readonly head: RegExp; readonly rows?: RegExp },
  promise: Pledge,
): Reading[] {
  const values = columnOf(table, head);
  return (table?.rows ?? []).flatMap(([name = ''], index) =>
    rows.test(name) ? [{ ...promise, of: name, value: values[index] ?? Number.NaN }] : [],
  );
}

/** The worst of some readings, as one. */
function worst(readings: readonly Reading[], of: string): Reading[] {
  const known = readings.filter(({ value }) => Number.isFinite(value));
  const [first] = known;
  if (!first) return [];
  const values = known.map(({ value }) => value);
  const value = first.better === 'at most' ? Math.max(...values) : Math.min(...values);
  const where = known.find((one) => one.value === value)?.of ?? '';
  return [{ ...first, of: known.length > 1 ? `${of} (${where})` : of, value }];
}

function series(table: Table | undefined, x: RegExp, lines: Readonly<Record<string, RegExp>>): Series[] {
  const across = columnOf(table, x);
  return Object.entries(lines)
    .map(([name, head]) => {
      const up = columnOf(table, head);
      const points = across.flatMap((at, index) => {
        const y = up[index] ?? Number.NaN;
        return Number.isFinite(y) ? [[at, y] as const] : [];
      });
      return { name, points };
    })
    .filter(({ points }) => points.length > 0);
}

function bars(
  table: Table | undefined,
  wanted: Readonly<Record<string, RegExp>>,
  rows = /./,
): {
  readonly names: readonly string[];
  readonly groups: readonly { readonly name: string; readonly values: readonly number[] }[];
} {
  const columns = Object.values(wanted).map((head) => columnOf(table, head));
  const groups = (table?.rows ?? []).flatMap(([name = ''], index) =>
    rows.test(name) ? [{ name, values: columns.map((column) => column[index] ?? Number.NaN) }] : [],
  );
  return { names: Object.keys(wanted), groups };
}

const growth = (
  tables: readonly Table[],
  title: RegExp,
  picture: { readonly file: string; readonly title: string },
): NamedPlot[] => {
  const table = findTable(tables, title);
  if (!table) return [];
  const counts = table.rows.map(([first]) => figureIn(first));
  const lines = table.head.slice(1).map((name, column) => ({
    name: name.replaceAll('`', ''),
    points: table.rows.flatMap((row, index) => {
      const value = figureIn(row[column + 1]);
      return value > 0 ? [[counts[index] ?? 0, value] as const] : [];
    }),
  }));
  return [
    {
      file: picture.file,
      plot: {
        kind: 'lines',
        title: picture.title,
        x: { name: 'rows stored', log: true },
        y: { name: 'milliseconds', log: true },
        series: lines,
      },
    },
  ];
};

const firstPlayable: BenchPart = {
  id: 'first-playable',
  title: 'First playable, continuity, real-time factor',
  script: 'bench/first-playable.ts',
  full: { ROUNDS: '16' },
  quick: { ROUNDS: '3', CROWD: '5' },
  how: 'One text of 332 characters by the bare engine and through HTTP, in turns. First playable is when the first samples have arrived, not the first bytes of a header; a stream is continuous when a player that begins then never runs dry.',
  goals: (tables) =>
    tables.flatMap((table) => [
      ...readingsOf(
        table,
        { head: /^first playable/, rows: /HTTP.* 1 client$/ },
        {
          goal: 'First playable, median, 1 client',
          limit: 40,
          better: 'at most',
          unit: 'ms',
        },
      ).map((one) => ({ ...one, of: `${table.title}, ${one.of}` })),
      ...readingsOf(
        table,
        { head: /against bare/, rows: /HTTP, pcm, 1 client$/ },
        {
          goal: 'Speech through HTTP, times the bare engine',
          limit: 1.1,
          better: 'at most',
          unit: '×',
        },
      ).map((one) => ({ ...one, of: `${table.title}, ${one.of}` })),
      ...readingsOf(
        table,
        { head: /^continuity/, rows: /HTTP/ },
        {
          goal: 'Streams that never run dry',
          limit: 100,
          better: 'at least',
          unit: '%',
        },
      ).map((one) => ({ ...one, of: `${table.title}, ${one.of}` })),
    ]),
  plots: (tables) =>
    tables.map((table) => ({
      file: `first-playable-${table.title.split('/')[0] ?? 'engine'}`,
      plot: {
        kind: 'bars',
        title: `First playable, ${table.title}`,
        x: { name: 'milliseconds' },
        ...bars(table, { median: /^first playable/, p95: /^p95/ }),
      },
    })),
};

const textLength: BenchPart = {
  id: 'text-length',
  title: 'Growth with the length of a text',
  script: 'bench/long-text.ts',
  full: { ROUNDS: '7' },
  quick: { CHARACTERS: '10,100,1000,5000', ROUNDS: '3' },
  how: 'One text through HTTP as PCM, and by the bare engine in passages as long as those that the server cuts. Memory is that of the whole server process.',
  plots: (tables) => [
    {
      file: 'text-length',
      plot: {
        kind: 'lines',
        title: 'Time for a text of so many characters, espeak',
        x: { name: 'characters', log: true },
        y: { name: 'seconds', log: true },
        series: [
          ...series(tables[0], /^characters/, {
            'whole, HTTP': /^whole/,
            'whole, bare engine': /^bare engine, whole/,
          }),
          ...series(tables[0], /^characters/, { 'first sound, HTTP': /^first sound/ }).map((line) => ({
            ...line,
            points: line.points.map(([x, y]) => [x, y / 1000] as const),
          })),
        ],
      },
    },
  ],
};

const hearing: BenchPart = {
  id: 'hearing',
  title: 'Hearing',
  script: 'bench/hearing.ts',
  full: { ROUNDS: '4', LONG_SECONDS: '60', ONLY: 'time' },
  quick: { ROUNDS: '1', LONG_SECONDS: '0', CROWD: '2' },
  how: 'One recording through HTTP and by the bare engine, with the same weights, threads and windows, in turns; then four at once against four in a row. The weights are tiny ones, so that what the server adds shows.',
  goals: (tables) =>
    tables
      .filter(({ head }) => head.some((cell) => /time against bare/.test(cell)))
      .flatMap((table) =>
        readingsOf(
          table,
          { head: /time against bare/ },
          {
            goal: 'Hearing through HTTP, times the bare engine',
            limit: 1.05,
            better: 'at most',
            unit: '×',
          },
        ).map((one) => ({ ...one, of: `${table.title.split(',')[0]}, ${one.of}` })),
      ),
};

const audioLength: BenchPart = {
  id: 'audio-length',
  title: 'Growth with the length of a recording',
  script: 'bench/audio-length.ts',
  quick: { AUDIO_SECONDS: '1,5,20', ROUNDS: '1' },
  how: 'WAV recordings through HTTP, and by the bare engine up to ten minutes. Memory is the peak of server and child process beyond what both took once the model was loaded.',
  goals: (tables) =>
    readingsOf(
      tables[0],
      { head: /^memory beyond/, rows: /^3,600$/ },
      {
        goal: 'Memory for an hour of sound, beyond the loaded model',
        limit: 300,
        better: 'at most',
        unit: 'MB',
      },
    ).map((one) => ({ ...one, of: 'whisper.cpp, WAV' })),
  plots: (tables) => [
    {
      file: 'audio-length',
      plot: {
        kind: 'lines',
        title: 'Time for a recording, whisper.cpp with a tiny model',
        x: { name: 'seconds of sound', log: true },
        y: { name: 'seconds', log: true },
        series: series(tables[0], /^seconds of sound/, { HTTP: /^HTTP/, 'bare engine': /^bare engine/ }),
      },
    },
  ],
};

const clients: BenchPart = {
  id: 'clients',
  title: 'Open streams',
  script: 'bench/clients.ts',
  quick: { CLIENTS: '1,50,300', SPEECH_SECONDS: '4' },
  how: 'Clients that each listen to a speech which a server elsewhere sends just in time: a second at once, then a quarter of a second four times a second. The row of that server itself shows what this machine can do at all. Clients and sender take their part of the processors.',
  goals: (tables) => [
    ...readingsOf(
      tables[0],
      { head: /^continuous/, rows: /^Antiphon, 1,000/ },
      {
        goal: 'Of 1,000 open streams, those that never run dry',
        limit: 100,
        better: 'at least',
        unit: '%',
      },
    ),
  ],
  plots: (tables) => {
    const [table] = tables;
    const rowsOf = (name: string) => ({
      title: '',
      head: table?.head ?? [],
      rows: (table?.rows ?? []).filter(([first]) => first?.startsWith(name)),
    });
    const lines = (head: RegExp) =>
      ['Antiphon', 'that server itself'].flatMap((name) =>
        series(rowsOf(name), /^clients/, { [name]: head }),
      );
    return [
      {
        file: 'clients-first-sound',
        plot: {
          kind: 'lines',
          title: 'First sound with so many streams open, p95',
          x: { name: 'streams', log: true },
          y: { name: 'milliseconds', log: true },
          series: lines(/^p95/),
        },
      },
      {
        file: 'clients-processor',
        plot: {
          kind: 'lines',
          title: 'Processor time for a second of one stream',
          x: { name: 'streams', log: true },
          y: { name: 'milliseconds', log: true },
          series: lines(/processor/),
        },
      },
    ];
  },
};

const edge: BenchPart = {
  id: 'edge',
  title: 'Passing speech on',
  script: 'bench/edge.ts',
  full: { SECONDS: '6', ROUNDS: '3', WARM_UP_SECONDS: '12' },
  quick: { SECONDS: '1', ROUNDS: '1', WARM_UP_SECONDS: '2' },
  how: '200 kB of raw samples that a server has ready: straight from it, through a proxy of a few lines, through Antiphon, and through Portkey’s gateway where `PORTKEY` names a folder in which it is installed.',
  goals: (tables) =>
    tables.flatMap((table) => [
      ...readingsOf(
        table,
        { head: /against Portkey/, rows: /^Antiphon$/ },
        {
          goal: 'Passing speech on, times Portkey’s requests per second',
          limit: 8,
          better: 'at least',
          unit: '×',
        },
      ).map((one) => ({ ...one, of: table.title })),
      ...readingsOf(
        table,
        { head: /against the bare proxy/, rows: /^Antiphon$/ },
        {
          goal: 'Passing speech on, times the bare proxy’s requests per second',
          limit: 0.9,
          better: 'at least',
          unit: '×',
        },
      ).map((one) => ({ ...one, of: table.title })),
    ]),
  plots: (tables) =>
    tables.slice(-1).map((table) => ({
      file: 'edge',
      plot: {
        kind: 'bars',
        title: `Passing speech on, ${table.title}`,
        x: { name: 'requests per second' },
        ...bars(table, { 'requests per second': /^requests per second$/ }),
      },
    })),
};

const encoding: BenchPart = {
  id: 'encoding',
  title: 'Encoding',
  script: 'bench/encoding.ts',
  quick: { ROUNDS: '1', SECONDS: '20' },
  how: 'Processor time for a second of sound, by the encoders of this program and by ffmpeg’s command line for the same format.',
  goals: (tables) =>
    tables.flatMap((table) =>
      readingsOf(
        table,
        { head: /^against ffmpeg/ },
        {
          goal: 'Encoding, times ffmpeg’s processor time',
          limit: 1.5,
          better: 'at most',
          unit: '×',
        },
      ),
    ),
  plots: (tables) =>
    tables.slice(0, 1).map((table) => ({
      file: 'encoding',
      plot: {
        kind: 'bars',
        title: 'Processor time to encode a second of sound',
        x: { name: 'milliseconds' },
        ...bars(table, { Antiphon: /^Antiphon, ms for each/, ffmpeg: /^ffmpeg, ms for each/ }),
      },
    })),
};

const uploads: BenchPart = {
  id: 'uploads',
  title: 'Uploads',
  script: 'bench/uploads.ts',
  quick: { ROUNDS: '1' },
  how: 'A form with a file of 100 MB, by one client and by four at once, beside a server of a few lines that writes the same body to a file. The file is noise: it is taken in whole, looked at and refused, so that nothing is decoded. Memory growth is the peak beyond what the process took when it had just been started.',
  plots: (tables) => [
    {
      file: 'uploads',
      plot: {
        kind: 'bars',
        title: 'Uploading 100 MB',
        x: { name: 'milliseconds' },
        ...bars(tables[0], { 'until the answer': /^whole/, 'processor time of the receiver': /processor/ }),
      },
    },
  ],
};

const start: BenchPart = {
  id: 'start',
  title: 'Start, and memory at rest',
  script: 'bench/start.ts',
  full: { IDLE_SECONDS: '120' },
  quick: { ROUNDS: '2', SETTLE_SECONDS: '2', IDLE_SECONDS: '5' },
  how: 'From spawning the process until its address is printed and until `/health` is answered; then what it takes of memory with nobody there. Proportional memory counts pages that processes share in parts.',
  goals: (tables) => [
    ...worst(
      readingsOf(
        findTable(tables, /^Start/),
        { head: /^until it listens/, rows: /^Antiphon/ },
        {
          goal: 'From start to listening',
          limit: 1000,
          better: 'at most',
          unit: 'ms',
        },
      ),
      'median',
    ),
    ...readingsOf(
      findTable(tables, /^Memory/),
      { head: /^resident/, rows: /^Antiphon, just started|^left alone/ },
      {
        goal: 'Resident at rest',
        limit: 150,
        better: 'at most',
        unit: 'MB',
      },
    ),
  ],
  plots: (tables) => [
    {
      file: 'memory-at-rest',
      plot: {
        kind: 'bars',
        title: 'Memory at rest',
        x: { name: 'megabytes' },
        limit: { name: 'goal: 150', value: 150 },
        ...bars(findTable(tables, /^Memory/), { resident: /^resident/, proportional: /^proportional/ }),
      },
    },
  ],
};

const cost: BenchPart = {
  id: 'cost',
  title: 'Cost of a request',
  script: 'bench/cost.ts',
  quick: { ENOUGH_MS: '150', WARM_UPS: '5' },
  how: 'Milliseconds of processor time of server and child processes together, asked one after the other until enough was used. The work alone is what the bare engine, in the process of the benchmark, uses for the same text, without changing its rate and without encoding.',
  plots: (tables) => [
    {
      file: 'cost',
      plot: {
        kind: 'bars',
        title: 'Processor time of one request',
        x: { name: 'milliseconds', log: true },
        ...bars(tables[0], { 'through the server': /^server/, 'the work alone': /^the work alone/ }),
      },
    },
  ],
};

const cancel: BenchPart = {
  id: 'cancel',
  title: 'Hanging up',
  script: 'bench/cancel.ts',
  full: { ROUNDS: '40' },
  quick: { ROUNDS: '8' },
  how: 'From the moment at which a client cuts its connection until the engine is told, and until its slot is free.',
  goals: (tables) =>
    worst(
      readingsOf(
        tables[0],
        { head: /^slot free, p95/, rows: /^(?!bare)/ },
        {
          goal: 'A hang-up is over, p95',
          limit: 100,
          better: 'at most',
          unit: 'ms',
        },
      ),
      'the slowest kind',
    ),
};

const jobs: BenchPart = {
  id: 'jobs',
  title: 'Jobs',
  script: 'bench/jobs.ts',
  full: { MANY: '100000' },
  quick: { JOBS: '300', MANY: '5000' },
  how: 'The queue in SQLite on disk, each step written before the next, without HTTP and without any work.',
};

const stored: BenchPart = {
  id: 'stored',
  title: 'Growth with what is stored',
  script: 'bench/stored.ts',
  quick: { STORED: '1,1000,20000', ROUNDS: '5' },
  how: 'A database with so many voices, ended jobs or waiting jobs, all of one owner, which is the worst case. An act that took longer than two seconds is done once, and not at all with more rows.',
  plots: (tables) => [
    ...growth(tables, /^Voices/, { file: 'voices-stored', title: 'Voices stored' }),
    ...growth(tables, /^Ended/, { file: 'jobs-stored', title: 'Ended jobs stored' }),
    ...growth(tables, /^Waiting/, { file: 'jobs-waiting', title: 'Jobs waiting, without HTTP' }),
  ],
};

/** All parts, in the order of the report. */
export const PARTS: readonly BenchPart[] = [
  firstPlayable,
  textLength,
  clients,
  hearing,
  audioLength,
  edge,
  encoding,
  uploads,
  start,
  cost,
  cancel,
  jobs,
  stored,
];
