import { configSchema } from '../../src/platform/config-schema.ts';
import { environmentName, loadConfig } from '../../src/platform/config.ts';
import { at, list, pairs, word, type Json, type KubernetesObject } from './kubernetes-objects.ts';

type Objects = readonly KubernetesObject[];

interface Workload {
  readonly object: KubernetesObject;
  readonly pod: Json | undefined;
  readonly labels: Json | undefined;
  readonly containers: readonly Json[];
}

/** What is wrong between the objects of an installation, and with how its pods are locked up. */
export function linkComplaints(objects: Objects): readonly string[] {
  const workloads = objects.flatMap(toWorkload);
  return objects.flatMap((object) => {
    const workload = workloads.find((one) => one.object === object);
    const complaints = [
      ...(workload ? [...complainOfPod(workload, objects), ...complainOfLocks(workload)] : []),
      ...(CHECKS[object.kind]?.(object, { objects, workloads }) ?? []),
    ];
    return complaints.map((complaint) => `${object.kind} ${object.name}: ${complaint}`);
  });
}

interface Installation {
  readonly objects: Objects;
  readonly workloads: readonly Workload[];
}

const CHECKS: Readonly<
  Record<string, (object: KubernetesObject, installation: Installation) => readonly string[]>
> = {
  Deployment: ({ body }) =>
    matches(at(body, 'spec', 'selector', 'matchLabels'), at(body, 'spec', 'template', 'metadata', 'labels'))
      ? []
      : ['its selector does not match its pods'],
  Service: ({ body }, { workloads }) => {
    const served = selected(at(body, 'spec', 'selector'), workloads);
    if (served.length === 0) return ['it selects no pod'];
    const ports = list(at(body, 'spec', 'ports')).map((port) => at(port, 'targetPort') ?? at(port, 'port'));
    return ports
      .filter((port) => !served.every((one) => hasPort(one, port)))
      .map((port) => `its pods have no port ${word(port)}`);
  },
  PodDisruptionBudget: ({ body }, { workloads }) =>
    selected(at(body, 'spec', 'selector', 'matchLabels'), workloads).length === 1
      ? []
      : ['it does not select one kind of pod'],
  HorizontalPodAutoscaler: ({ body }, { objects }) => {
    const target = at(body, 'spec', 'scaleTargetRef');
    const isThere = objects.some(
      ({ kind, name }) => kind === at(target, 'kind') && name === at(target, 'name'),
    );
    const [least, most] = [at(body, 'spec', 'minReplicas'), at(body, 'spec', 'maxReplicas')];
    const fixed = objects.some(
      ({ kind, name, body: other }) =>
        kind === 'Deployment' && name === at(target, 'name') && at(other, 'spec', 'replicas') !== undefined,
    );
    return [
      ...(isThere ? [] : ['what it scales does not exist']),
      ...(Number(least) >= 2 && Number(least) <= Number(most)
        ? []
        : ['its numbers make no range from two on']),
      ...(fixed ? ['what it scales has a number of its own'] : []),
    ];
  },
  NetworkPolicy: ({ body }, { workloads }) => {
    const chosen = selected(at(body, 'spec', 'podSelector', 'matchLabels') ?? {}, workloads);
    const ports = list(at(body, 'spec', 'ingress')).flatMap((rule) =>
      list(at(rule, 'ports')).map((port) => at(port, 'port')),
    );
    return [
      ...(chosen.length > 0 ? [] : ['it is about no pod']),
      ...ports
        .filter((port) => !chosen.every((one) => hasPort(one, port)))
        .map((port) => `its pods have no port ${word(port)}`),
    ];
  },
  Ingress: ({ body }, { objects }) =>
    list(at(body, 'spec', 'rules'))
      .flatMap((rule) => list(at(rule, 'http', 'paths')))
      .flatMap((path) => {
        const { name, port } = {
          name: at(path, 'backend', 'service', 'name'),
          port: at(path, 'backend', 'service', 'port', 'name'),
        };
        const service = objects.find((one) => one.kind === 'Service' && one.name === name);
        const hasIt = list(at(service?.body, 'spec', 'ports')).some((one) => at(one, 'name') === port);
        return hasIt ? [] : [`there is no port ${word(port)} of a service ${word(name)}`];
      }),
  ServiceMonitor: ({ body }, { objects }) => {
    const services = objects.filter(
      (one) =>
        one.kind === 'Service' &&
        matches(at(body, 'spec', 'selector', 'matchLabels'), at(one.body, 'metadata', 'labels')),
    );
    const ports = list(at(body, 'spec', 'endpoints')).map((endpoint) => at(endpoint, 'port'));
    const hasAll = services.every((one) =>
      ports.every((port) => list(at(one.body, 'spec', 'ports')).some((has) => at(has, 'name') === port)),
    );
    return services.length > 0 && hasAll ? [] : ['it finds no service with its port'];
  },
  ConfigMap: ({ body }) => [
    ...complainOfSettings(pairs(at(body, 'data')).filter(([name]) => /^[A-Z]/.test(name))),
    ...complainOfFile(at(body, 'data', 'antiphon.config.json')),
  ],
  Secret: ({ body }) => [
    ...complainOfNames(pairs(at(body, 'stringData')).map(([name]) => name)),
    ...pairs(at(body, 'stringData'))
      .filter(([, value]) => value !== '')
      .map(([name]) => `${name} has a value`),
  ],
};

function toWorkload(object: KubernetesObject): Workload[] {
  if (object.kind !== 'Deployment' && object.kind !== 'Job') return [];
  const pod = at(object.body, 'spec', 'template', 'spec');
  const containers = [...list(at(pod, 'initContainers')), ...list(at(pod, 'containers'))];
  return [{ object, pod, containers, labels: at(object.body, 'spec', 'template', 'metadata', 'labels') }];
}

function matches(selector: Json | undefined, labels: Json | undefined): boolean {
  return pairs(selector).length > 0 && pairs(selector).every(([name, value]) => at(labels, name) === value);
}

/** An empty selector is about every pod. */
function selected(selector: Json | undefined, workloads: readonly Workload[]): readonly Workload[] {
  if (selector === undefined) return [];
  return pairs(selector).length === 0
    ? workloads
    : workloads.filter(({ labels, object }) => object.kind === 'Deployment' && matches(selector, labels));
}

function hasPort({ containers }: Workload, port: Json | undefined): boolean {
  const ports = containers.flatMap((container) => list(at(container, 'ports')));
  return ports.some((one) => at(one, 'name') === port || at(one, 'containerPort') === port);
}

function complainOfPod({ object, pod, containers }: Workload, objects: Objects): readonly string[] {
  const exists = (kind: string, name: Json | undefined) =>
    objects.some((one) => one.kind === kind && one.name === name);
  const volumes = list(at(pod, 'volumes'));
  const account = at(pod, 'serviceAccountName');
  const missing = [
    ...(account === undefined || exists('ServiceAccount', account)
      ? []
      : [`ServiceAccount ${word(account)}`]),
    ...containers
      .flatMap((container) => list(at(container, 'envFrom')))
      .flatMap((from) => [
        ...wanted(at(from, 'configMapRef', 'name'), 'ConfigMap'),
        ...wanted(at(from, 'secretRef', 'name'), 'Secret'),
      ]),
    ...volumes.flatMap((volume) => [
      ...wanted(at(volume, 'configMap', 'name'), 'ConfigMap'),
      ...wanted(at(volume, 'secret', 'secretName'), 'Secret'),
    ]),
  ].filter((name) => !exists(...(name.split(' ') as [string, string]))); // Each is made of a kind and a name.
  const names = volumes.map((volume) => at(volume, 'name'));
  const mounts = containers.flatMap((container) =>
    list(at(container, 'volumeMounts')).map((mount) => at(mount, 'name')),
  );
  const probes = containers.flatMap((container) =>
    ['startupProbe', 'livenessProbe', 'readinessProbe'].map((probe) => at(container, probe, 'httpGet')),
  );
  const here: Workload = { object, pod, containers, labels: undefined };
  return [
    ...missing.map((name) => `${name} does not exist`),
    ...mounts.filter((name) => !names.includes(name)).map((name) => `there is no volume ${word(name)}`),
    ...names.filter((name) => !mounts.includes(name ?? null)).map((name) => `nobody mounts ${word(name)}`),
    ...probes
      .filter((probe) => probe !== undefined && !hasPort(here, at(probe, 'port')))
      .map((probe) => `a probe asks at port ${word(probe, 'port')}`),
    ...(object.kind === 'Deployment' && probes.includes(undefined) && probes.filter(Boolean).length < 3
      ? ['a probe is missing']
      : []),
    ...complainOfEnd(object, pod, objects),
  ];
}

function wanted(name: Json | undefined, kind: string): readonly string[] {
  return name === undefined ? [] : [`${kind} ${word(name)}`];
}

/** A pod that is stopped must get the time that its program takes. */
function complainOfEnd(object: KubernetesObject, pod: Json | undefined, objects: Objects): readonly string[] {
  if (object.kind !== 'Deployment') return [];
  const settings = objects.find(({ kind, name }) => kind === 'ConfigMap' && name === 'antiphon-settings');
  const seconds = (name: string) => Number(at(settings?.body, 'data', name) ?? 0);
  const needed = seconds('ANTIPHON_STOP_DELAY_SECONDS') + seconds('ANTIPHON_DRAIN_SECONDS') + 10;
  return Number(at(pod, 'terminationGracePeriodSeconds') ?? 30) >= needed
    ? []
    : [`it is killed before ${needed} s are over`];
}

function complainOfLocks({ pod, containers }: Workload): readonly string[] {
  const wants = (place: Json | undefined, path: readonly string[], value: Json) =>
    JSON.stringify(at(place, ...path)) === JSON.stringify(value)
      ? []
      : [`${path.join('.')} is not ${JSON.stringify(value)}`];
  return [
    ...wants(pod, ['automountServiceAccountToken'], false),
    ...wants(pod, ['enableServiceLinks'], false),
    ...wants(pod, ['securityContext', 'runAsNonRoot'], true),
    ...wants(pod, ['securityContext', 'runAsUser'], 10001),
    ...wants(pod, ['securityContext', 'seccompProfile', 'type'], 'RuntimeDefault'),
    ...containers.flatMap((container) => [
      ...wants(container, ['securityContext', 'allowPrivilegeEscalation'], false),
      ...wants(container, ['securityContext', 'readOnlyRootFilesystem'], true),
      ...wants(container, ['securityContext', 'capabilities', 'drop'], ['ALL']),
      ...(['requests', 'limits'].every((what) => at(container, 'resources', what, 'memory'))
        ? []
        : ['its memory has no bounds']),
      ...(/^antiphon$|:\d+\.\d+[\w.-]*$/.test(word(container, 'image')) ? [] : ['its image has no version']),
    ]),
  ];
}

/** Whether the environment that is given would be understood. */
export function complainOfSettings(environment: readonly (readonly [string, Json])[]): readonly string[] {
  const complaints = complainOfNames(environment.map(([name]) => name));
  const texts = environment
    .filter(([, value]) => typeof value !== 'string')
    .map(([name]) => `${name} is no text`);
  try {
    const values = environment.map(([name, value]) => [name, word(value)] as const);
    loadConfig({ commandLine: {}, environment: Object.fromEntries(values), file: '/nowhere' });
    return [...complaints, ...texts];
  } catch (error) {
    return [...complaints, ...texts, String(error)];
  }
}

/** Variables that begin with ours must be settings. */
export function complainOfNames(names: readonly string[]): readonly string[] {
  const known = Object.keys(configSchema.shape).map(environmentName);
  return names
    .filter((name) => name.startsWith('ANTIPHON_') && !known.includes(name))
    .map((name) => `${name} is no setting`);
}

/** Whether a configuration file would be understood. */
export function complainOfFile(json: Json | undefined): readonly string[] {
  if (json === undefined) return [];
  try {
    const parsed = configSchema.safeParse(JSON.parse(word(json)));
    return parsed.success
      ? []
      : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  } catch (error) {
    return [String(error)];
  }
}
