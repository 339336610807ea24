import { complainOfSettings } from './kubernetes-links.ts';
import { at, list, pairs, word, type Json } from './kubernetes-objects.ts';

/** What is wrong with a file for Docker Compose; nothing when it is well. `file` is its text, `body` what it holds. */
export function composeComplaints(body: Json, file: string): readonly string[] {
  const services = pairs(at(body, 'services'));
  return [
    ...services.flatMap(([name, service]) =>
      [...complainOfService(service), ...complainOfLinks(service, body)].map(
        (complaint) => `${name}: ${complaint}`,
      ),
    ),
    ...complainOfUnused(body),
    ...[...file.matchAll(/\$\{(\w*(?:PASSWORD|SECRET|KEY)\w*)([^}]*)\}/g)]
      .filter(([, , rest]) => !rest?.startsWith(':?'))
      .map(([, name]) => `${name} may stay empty`),
    ...(services.length > 0 ? [] : ['there is no service']),
  ];
}

const PINNED = /:(?:v?\d+\.\d+[\w.-]*|RELEASE\.[\dTZ-]+)$|@sha256:[0-9a-f]{64}$/;

function complainOfService(service: Json): readonly string[] {
  const environment = pairs(at(service, 'environment'));
  const open = list(at(service, 'ports')).filter(
    (port) => !word(port).startsWith('${ANTIPHON_BIND:-127.0.0.1}:'),
  );
  const secrets = environment
    .filter(([name]) => /PASSWORD$|SECRET|ACCESS_KEY/.test(name))
    .filter(([, value]) => !/^\$\{\w+:\?/.test(word(value)));
  return [
    ...(PINNED.test(word(service, 'image')) ? [] : [`the image ${word(service, 'image')} has no version`]),
    ...(at(service, 'restart') ? [] : ['nobody starts it again']),
    ...(at(service, 'deploy', 'resources', 'limits', 'memory') || at(service, 'restart') === 'on-failure:5'
      ? []
      : ['its memory has no limit']),
    ...(list(at(service, 'security_opt')).includes('no-new-privileges:true')
      ? []
      : ['it may win privileges']),
    ...(at(service, 'privileged') === true ? ['it is privileged'] : []),
    ...open.map((port) => `the port ${word(port)} is open to everybody`),
    ...secrets.map(([name]) => `${name} is written down`),
    ...(word(service, 'image').startsWith('antiphon:') ? complainOfOurs(service, environment) : []),
  ];
}

/** What holds for the services that are this program. */
function complainOfOurs(service: Json, environment: readonly (readonly [string, Json])[]): readonly string[] {
  const value = (name: string) => Number(environment.find(([key]) => key === name)?.[1] ?? 0);
  const needed = value('ANTIPHON_STOP_DELAY_SECONDS') + value('ANTIPHON_DRAIN_SECONDS') + 10;
  const given = Number.parseInt(word(service, 'stop_grace_period') || '10', 10);
  const settings = environment.map(([name, text]) => [name, filled(word(text))] as const);
  return [
    ...(at(service, 'read_only') === true ? [] : ['its root can be written']),
    ...(list(at(service, 'cap_drop')).includes('ALL') ? [] : ['it keeps capabilities']),
    ...(list(at(service, 'tmpfs')).some((mount) => word(mount).startsWith('/tmp')) ? [] : ['it has no /tmp']),
    ...(given >= needed ? [] : [`it is killed before ${needed} s are over`]),
    ...complainOfSettings(settings.filter(([name]) => name.startsWith('ANTIPHON_'))),
  ];
}

/** A value as it is where only what must be set is set. */
function filled(value: string): string {
  return value.replace(
    /\$\{\w+(?::-([^}]*)|:\?[^}]*)?\}/g,
    (_, fallback: string | undefined) => fallback ?? 'given',
  );
}

interface Use {
  readonly of: string;
  readonly names: readonly string[];
}

function usesOf(service: Json): readonly Use[] {
  const nameOf = (entry: Json) => (typeof entry === 'string' ? entry : word(entry, 'source'));
  const volumes = list(at(service, 'volumes')).map((entry) => word(entry).split(':')[0] ?? '');
  return [
    { of: 'volumes', names: volumes.filter((name) => !/^[./]/.test(name)) },
    { of: 'networks', names: list(at(service, 'networks')).map(nameOf) },
    { of: 'secrets', names: list(at(service, 'secrets')).map(nameOf) },
    { of: 'configs', names: list(at(service, 'configs')).map(nameOf) },
  ];
}

function complainOfLinks(service: Json, body: Json): readonly string[] {
  const undefinedOnes = usesOf(service).flatMap(({ of, names }) =>
    names.filter((name) => at(body, of, name) === undefined).map((name) => `there is no ${name} in ${of}`),
  );
  const waits = pairs(at(service, 'depends_on')).flatMap(([name, how]) => {
    const other = at(body, 'services', name);
    if (other === undefined) return [`there is no service ${name}`];
    const condition = at(how, 'condition');
    // The image of this program brings its check along.
    const hasCheck =
      at(other, 'healthcheck', 'test') ?? (word(other, 'image').startsWith('antiphon:') || undefined);
    if (condition === 'service_healthy' && hasCheck === undefined)
      return [`${name} has no health check to wait for`];
    const ends = word(other, 'restart').startsWith('on-failure');
    return condition === 'service_completed_successfully' && !ends ? [`${name} never ends`] : [];
  });
  return [...undefinedOnes, ...waits];
}

function complainOfUnused(body: Json): readonly string[] {
  const used = pairs(at(body, 'services')).flatMap(([, service]) => usesOf(service));
  return ['volumes', 'networks', 'secrets', 'configs'].flatMap((of) =>
    pairs(at(body, of))
      .filter(([name]) => !used.some((use) => use.of === of && use.names.includes(name)))
      .map(([name]) => `nobody uses ${name} of ${of}`),
  );
}
