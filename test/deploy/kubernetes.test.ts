import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  at,
  kubernetesObjects,
  list,
  schemaComplaints,
  toObject,
  word,
  yamlDocuments,
  type Json,
} from './kubernetes-objects.ts';
import { linkComplaints } from './kubernetes-links.ts';

const objects = kubernetesObjects('deploy/kubernetes');

test('every object keeps to the schema of Kubernetes and has no field that it does not know', () => {
  assert.ok(objects.length > 15);
  assert.deepEqual(objects.flatMap(schemaComplaints), []);
});

test('the objects fit together, and their pods are locked up', () => {
  assert.deepEqual(linkComplaints(objects), []);
});

interface Plant {
  readonly kind: string;
  readonly name: string;
  readonly path: readonly (string | number)[];
  /** Removed when absent. */
  readonly value?: Json;
  readonly complaint: RegExp;
}

const POD = ['spec', 'template', 'spec'];
const CONTAINER = [...POD, 'containers', 0];
const API = { kind: 'Deployment', name: 'antiphon-api' };

const AGAINST_SCHEMA: readonly Plant[] = [
  { ...API, path: [...CONTAINER, 'image'], value: 3, complaint: /image must be string/ },
  { ...API, path: [...CONTAINER, 'name'], complaint: /required property name/ },
  {
    ...API,
    path: [...CONTAINER, 'readOnlyRootFilesystem'],
    value: true,
    complaint: /readOnlyRootFilesystem is no field/,
  },
  { ...API, path: ['spec', 'selector'], complaint: /required property selector/ },
  { ...API, path: [...CONTAINER, 'ports', 0, 'containerPort'], value: 'http', complaint: /must be integer/ },
  { ...API, path: ['kind'], value: 'Deploymint', complaint: /Deploymint/ },
  { ...API, path: ['apiVersion'], value: 'apps/v9', complaint: /apps\/v9/ },
  {
    kind: 'HorizontalPodAutoscaler',
    name: 'antiphon-api',
    path: ['spec', 'maxReplicas'],
    complaint: /required property maxReplicas/,
  },
  {
    kind: 'PodDisruptionBudget',
    name: 'antiphon-api',
    path: ['spec', 'maxUnavailible'],
    value: 1,
    complaint: /maxUnavailible is no field/,
  },
];

for (const plant of AGAINST_SCHEMA) {
  test(`${plant.kind} with a wrong ${plant.path.join('.')} is complained of`, () => {
    assert.match(planted(plant).flatMap(schemaComplaints).join('\n'), plant.complaint);
  });
}

const BETWEEN: readonly Plant[] = [
  {
    ...API,
    path: ['spec', 'template', 'metadata', 'labels', 'app.kubernetes.io/component'],
    value: 'web',
    complaint: /selector does not match its pods/,
  },
  { ...API, path: ['spec', 'replicas'], value: 2, complaint: /has a number of its own/ },
  { ...API, path: [...POD, 'enableServiceLinks'], complaint: /enableServiceLinks is not false/ },
  {
    ...API,
    path: [...POD, 'serviceAccountName'],
    value: 'other',
    complaint: /ServiceAccount other does not exist/,
  },
  { ...API, path: [...POD, 'terminationGracePeriodSeconds'], value: 60, complaint: /killed before 110 s/ },
  { ...API, path: [...POD, 'securityContext', 'runAsNonRoot'], complaint: /runAsNonRoot is not true/ },
  { ...API, path: [...POD, 'securityContext', 'seccompProfile'], complaint: /seccompProfile.type is not/ },
  {
    ...API,
    path: [...CONTAINER, 'securityContext', 'readOnlyRootFilesystem'],
    value: false,
    complaint: /readOnlyRootFilesystem is not true/,
  },
  { ...API, path: [...CONTAINER, 'securityContext', 'capabilities'], complaint: /capabilities.drop is not/ },
  { ...API, path: [...CONTAINER, 'resources', 'limits'], complaint: /memory has no bounds/ },
  { ...API, path: [...CONTAINER, 'image'], value: 'antiphon:latest', complaint: /no version/ },
  {
    ...API,
    path: [...CONTAINER, 'envFrom', 1, 'secretRef', 'name'],
    value: 'other',
    complaint: /Secret other does not exist/,
  },
  { ...API, path: [...CONTAINER, 'volumeMounts', 0, 'name'], value: 'other', complaint: /no volume other/ },
  { ...API, path: [...CONTAINER, 'readinessProbe'], complaint: /a probe is missing/ },
  {
    ...API,
    path: [...CONTAINER, 'readinessProbe', 'httpGet', 'port'],
    value: 'web',
    complaint: /asks at port web/,
  },
  {
    kind: 'Service',
    name: 'antiphon-api',
    path: ['spec', 'ports', 0, 'targetPort'],
    value: 'web',
    complaint: /no port web/,
  },
  {
    kind: 'Service',
    name: 'antiphon-api',
    path: ['spec', 'selector', 'app.kubernetes.io/name'],
    value: 'other',
    complaint: /selects no pod/,
  },
  {
    kind: 'PodDisruptionBudget',
    name: 'antiphon-api',
    path: ['spec', 'selector', 'matchLabels', 'app.kubernetes.io/component'],
    value: 'web',
    complaint: /does not select/,
  },
  {
    kind: 'HorizontalPodAutoscaler',
    name: 'antiphon-worker',
    path: ['spec', 'scaleTargetRef', 'name'],
    value: 'worker',
    complaint: /does not exist/,
  },
  {
    kind: 'HorizontalPodAutoscaler',
    name: 'antiphon-worker',
    path: ['spec', 'minReplicas'],
    value: 50,
    complaint: /no range/,
  },
  {
    kind: 'NetworkPolicy',
    name: 'antiphon-api-from-ingress',
    path: ['spec', 'podSelector', 'matchLabels', 'app.kubernetes.io/component'],
    value: 'web',
    complaint: /about no pod/,
  },
  {
    kind: 'Ingress',
    name: 'antiphon',
    path: ['spec', 'rules', 0, 'http', 'paths', 0, 'backend', 'service', 'name'],
    value: 'web',
    complaint: /of a service web/,
  },
  {
    kind: 'ServiceMonitor',
    name: 'antiphon',
    path: ['spec', 'endpoints', 0, 'port'],
    value: 'metrics',
    complaint: /no service with its port/,
  },
  {
    kind: 'ConfigMap',
    name: 'antiphon-settings',
    path: ['data', 'ANTIPHON_DRAIN'],
    value: '5',
    complaint: /ANTIPHON_DRAIN is no setting/,
  },
  {
    kind: 'ConfigMap',
    name: 'antiphon-settings',
    path: ['data', 'ANTIPHON_PORT'],
    value: 'http',
    complaint: /port/,
  },
  {
    kind: 'ConfigMap',
    name: 'antiphon-config',
    path: ['data', 'antiphon.config.json'],
    value: '{"remote": []}',
    complaint: /remote/,
  },
  {
    kind: 'Secret',
    name: 'antiphon-secrets',
    path: ['stringData', 'AWS_SECRET_ACCESS_KEY'],
    value: 'hunter2',
    complaint: /AWS_SECRET_ACCESS_KEY has a value/,
  },
];

for (const plant of BETWEEN) {
  test(`${plant.kind} ${plant.name} with ${plant.value === undefined ? 'no' : 'a wrong'} ${plant.path.join('.')} is complained of`, () => {
    assert.match(linkComplaints(planted(plant)).join('\n'), plant.complaint);
  });
}

test('the autoscaler of the workers asks for the metric that the adapter makes', () => {
  const scaler = objects.find(
    ({ kind, name }) => kind === 'HorizontalPodAutoscaler' && name === 'antiphon-worker',
  );
  const asked = list(at(scaler?.body, 'spec', 'metrics')).map((metric) =>
    at(metric, 'external', 'metric', 'name'),
  );
  const [values] = yamlDocuments(
    readFileSync('deploy/kubernetes/examples/prometheus-adapter-values.yaml', 'utf8'),
  );
  const made = list(at(values, 'rules', 'external')).map((rule) => at(rule, 'name', 'as'));
  assert.deepEqual(asked.filter(Boolean), made);
});

test('the kustomization lists every file beside it but the template of the secret', () => {
  const own = objects.find(({ kind }) => kind === 'Kustomization');
  const files = readdirSync('deploy/kubernetes').filter(
    (name) => name.endsWith('.yaml') && !/^(kustomization|secret\.template)/.test(name),
  );
  assert.deepEqual(
    list(at(own?.body, 'resources'))
      .map((name) => word(name))
      .toSorted(),
    files.toSorted(),
  );
});

test('kubectl makes one installation of the kustomization, in one namespace and with one image', (t) => {
  const { error, status, stdout, stderr } = spawnSync('kubectl', ['kustomize', 'deploy/kubernetes'], {
    encoding: 'utf8',
    // It only reads the files: no cluster is to be found.
    env: { PATH: process.env['PATH'], KUBECONFIG: '/dev/null' },
  });
  if (error) return t.skip('kubectl is not installed');
  assert.equal(status, 0, stderr);
  const made = yamlDocuments(stdout).map((body) => toObject('kustomize', body));
  const secret = objects.filter(({ kind }) => kind === 'Secret');
  assert.deepEqual(made.flatMap(schemaComplaints), []);
  assert.deepEqual(linkComplaints([...made, ...secret]), []);
  const places = made
    .filter(({ kind }) => kind !== 'Namespace')
    .map(({ body }) => at(body, 'metadata', 'namespace'));
  assert.deepEqual([...new Set(places)], ['antiphon']);
  const images = [...stdout.matchAll(/ image: (.*)/g)].map(([, image]) => image);
  assert.deepEqual([...new Set(images)], ['registry.example.com/antiphon:0.1.0']);
});

/** The objects with one of them spoilt. */
function planted({ kind, name, path, value }: Plant) {
  const spoilt = objects.find((one) => one.kind === kind && one.name === name);
  assert.ok(spoilt, `there is no ${kind} ${name}`);
  // What two places of a file share by an anchor becomes each its own.
  const body = yamlDocuments(JSON.stringify(spoilt.body))[0];
  assert.ok(body !== undefined);
  const place = at(body, ...path.slice(0, -1));
  const last = path.at(-1) ?? '';
  assert.ok(typeof place === 'object' && place !== null, `${path.join('.')} leads nowhere`);
  if (value === undefined) assert.ok(Reflect.deleteProperty(place, last));
  else Reflect.set(place, last, value);
  return objects.map((one) => (one === spoilt ? toObject(one.file, body) : one));
}
