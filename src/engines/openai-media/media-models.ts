import type { Capability, ModelCard } from '../../core/models/model.ts';
import type { RemoteModel, RemoteSettings } from '../../core/models/remote.ts';
import type { RemoteLink } from '../remote-link.ts';
import type { Families, MediaProfile } from './media-profile.ts';
import { mediaProfiles } from './profiles/media-profiles.ts';

/** What one part of an engine is made of: its models, all of one family, and the way to them. */
export interface RemotePart<Quirks> {
  readonly remote: string;
  /** At least one. */
  readonly models: readonly RemoteModel[];
  readonly quirks: Quirks;
  readonly link: RemoteLink;
}

/** The profile that a remote names. Throws, with those that exist, when there is none of that name. */
export function profileOf({ profile = 'openai' }: RemoteSettings): MediaProfile {
  const found = mediaProfiles.find(({ id }) => id === profile);
  if (found) return found;
  const known = mediaProfiles.map(({ id }) => id).join(', ');
  throw new Error(`There is no profile '${profile}', only ${known}.`);
}

/** What is asked in fields that need no translation. */
const PLAIN: readonly Capability[] = ['transcription', 'chat'];

function hasParameters({ parameters }: RemoteModel): boolean {
  return Object.keys(parameters).length > 0;
}

/** Which of the models of a remote, and the families that its profile knows of them. */
export interface PartChoice<Quirks> {
  readonly capabilities: readonly Capability[];
  readonly families: Families<Quirks> | undefined;
}

/** The models of some capabilities, and how their family is asked; undefined where there are none. */
export function partOf<Quirks>(
  settings: RemoteSettings,
  link: RemoteLink,
  { capabilities, families = {} }: PartChoice<Quirks>,
): RemotePart<Quirks> | undefined {
  const models = settings.models.filter(({ capability }) => capabilities.includes(capability));
  const [first] = models;
  if (!first) return undefined;
  const known = Object.keys(families);
  const familyOf = (model: RemoteModel) => model.family ?? known[0] ?? '';
  const quirks = families[familyOf(first)];
  if (!quirks) {
    const choice = known.length > 0 ? `, only ${known.join(', ')}` : '';
    const wanted = first.family === undefined ? '' : ` of the family '${first.family}'`;
    const profile = `The profile '${settings.profile ?? 'openai'}'`;
    throw new Error(`${profile} has no ${first.capability} models${wanted}${choice}.`);
  }
  for (const model of models) checkAlike(first, model, familyOf);
  return { remote: settings.id, models, quirks, link };
}

/** What an engine obeys is told for all of its models at once, so these must be asked alike. */
function checkAlike(first: RemoteModel, other: RemoteModel, familyOf: (model: RemoteModel) => string): void {
  const isAlike =
    familyOf(first) === familyOf(other) &&
    JSON.stringify(first.parameters) === JSON.stringify(other.parameters);
  if (!isAlike) {
    throw new Error(
      `The models '${first.id}' and '${other.id}' are asked in different ways. Make two remotes of them; both may have the same url.`,
    );
  }
  if (PLAIN.includes(other.capability) && hasParameters(other)) {
    throw new Error(
      `The models for ${other.capability} have no \`parameters\`; use \`defaults\` and \`fixed\`.`,
    );
  }
}

/** The cards of all models of a remote. */
export function cardsOf(
  { id: remote, models }: RemoteSettings,
  { title }: MediaProfile,
): readonly ModelCard[] {
  return models.map((model) => ({
    id: `${remote}/${model.id}`,
    name: model.title ?? model.upstream ?? model.id,
    capability: model.capability,
    description: `${model.upstream ?? model.id} on a server with ${title}`,
    languages: model.languages,
    implements: model.implements,
    licence: model.licence,
    ...(model.tasks ? { tasks: model.tasks } : {}),
  }));
}
