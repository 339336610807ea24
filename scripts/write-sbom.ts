/**
 * Prints the bill of materials of an installation without developers' tools, on any system: CycloneDX 1.5 as JSON, made
 * from `package.json` and `package-lock.json` alone, so that it needs no network and is the same every time. npm's own
 * `npm sbom --omit dev` leaves out packages that developers' tools use, too, such as zod.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const namesSchema = z.record(z.string(), z.string()).default({});
const entrySchema = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
  license: z.string().optional(),
  integrity: z.string().optional(),
  dev: z.boolean().default(false),
  optional: z.boolean().default(false),
  dependencies: namesSchema,
  optionalDependencies: namesSchema,
  peerDependencies: namesSchema,
});
const lockSchema = z.object({ packages: z.record(z.string(), entrySchema) });
const ownSchema = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
});

type Entry = z.output<typeof entrySchema>;
type Entries = Readonly<Record<string, Entry>>;

/** The bill of materials of what a description and a lock file name. */
export function billOfMaterials(description: unknown, lock: unknown) {
  const own = ownSchema.parse(description);
  const { packages } = lockSchema.parse(lock);
  const shipped = Object.entries(packages).filter(([place, { dev }]) => place !== '' && !dev);
  const components = new Map(
    shipped.map(([place, entry]) => [addressOf(place, entry), component(place, entry)]),
  );
  const root = `pkg:npm/${own.name}@${own.version}`;
  const dependsOn = new Map<string, Set<string>>([[root, new Set(needs('', packages))]]);
  for (const [place, entry] of shipped) {
    const ref = addressOf(place, entry);
    dependsOn.set(ref, new Set([...(dependsOn.get(ref) ?? []), ...needs(place, packages)]));
  }
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'pre-build' }],
      component: {
        'bom-ref': root,
        type: 'application',
        name: own.name,
        version: own.version,
        description: own.description,
        licenses: licences(own.license),
        purl: root,
      },
    },
    components: [...components.values()],
    dependencies: Array.from(dependsOn, ([ref, others]) => ({ ref, dependsOn: [...others].sort() })),
  };
}

function component(place: string, entry: Entry) {
  const address = addressOf(place, entry);
  const [, digest] = /^sha512-(.+)$/.exec(entry.integrity ?? '') ?? [];
  const hex = Buffer.from(digest ?? '', 'base64').toString('hex');
  return {
    'bom-ref': address,
    type: 'library',
    name: nameOf(place, entry),
    version: entry.version ?? '',
    scope: entry.optional ? 'optional' : 'required',
    ...(digest === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: hex }] }),
    licenses: licences(entry.license),
    purl: address,
  };
}

/** An identifier of SPDX, an expression of several, or what the package calls it. */
function licences(licence = 'UNKNOWN') {
  if (/ (?:AND|OR) /.test(licence) && !licence.startsWith('SEE ')) return [{ expression: licence }];
  return [{ license: /^[\w.+-]+$/.test(licence) ? { id: licence } : { name: licence } }];
}

/** An alias is installed under another name than its own. */
function nameOf(place: string, { name }: Entry): string {
  return name ?? place.split('node_modules/').at(-1) ?? '';
}

function addressOf(place: string, entry: Entry): string {
  return `pkg:npm/${nameOf(place, entry).replace('@', '%40')}@${entry.version}`;
}

/** What a package finds when it asks for what it needs: beside it, or in a folder further out. */
function needs(place: string, packages: Entries): string[] {
  const asked = packages[place];
  const names = { ...asked?.dependencies, ...asked?.optionalDependencies, ...asked?.peerDependencies };
  return Object.keys(names).flatMap((name) => {
    for (let folder = place; ; folder = folder.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, '')) {
      const found = `${folder}${folder === '' ? '' : '/'}node_modules/${name}`;
      const entry = packages[found];
      if (entry) return entry.dev ? [] : [addressOf(found, entry)];
      if (folder === '') return [];
    }
  });
}

if (import.meta.main) {
  const [description, lock]: unknown[] = ['package.json', 'package-lock.json'].map((file) =>
    JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')),
  );
  console.log(JSON.stringify(billOfMaterials(description, lock), undefined, 2));
}
