import type { Distribution, FoundEngine, NodeFiles } from '../../found-engine.js';
import { fileText } from '../../text/file-text.js';
import { parseToml, type TomlTable } from '../../toml/toml-table.js';
import { flagOfUnit, unitAmong } from '../systemd-unit.js';
import { isCriDisabled, versionOf } from './containerd-version.js';

/** A containerd that a distribution of Kubernetes brings along. */
interface Bundled {
  readonly distribution: Exclude<Distribution, 'plain'>;
  readonly config: string;
  /** Any of these shows that it is there. */
  readonly signs: readonly string[];
  readonly units: readonly string[];
}

const BUNDLED: readonly Bundled[] = [
  {
    distribution: 'k3s',
    config: '/var/lib/rancher/k3s/agent/etc/containerd/config.toml',
    signs: ['/var/lib/rancher/k3s/agent'],
    units: ['k3s.service', 'k3s-agent.service'],
  },
  {
    distribution: 'rke2',
    config: '/var/lib/rancher/rke2/agent/etc/containerd/config.toml',
    signs: ['/var/lib/rancher/rke2/agent'],
    units: ['rke2-server.service', 'rke2-agent.service'],
  },
  {
    distribution: 'microk8s',
    config: '/var/snap/microk8s/current/args/containerd-template.toml',
    signs: ['/var/snap/microk8s/current/args/containerd-template.toml'],
    units: ['snap.microk8s.daemon-containerd.service'],
  },
  {
    distribution: 'k0s',
    config: '/etc/k0s/containerd.toml',
    signs: ['/etc/k0s/containerd.toml', '/etc/k0s/containerd.d', '/var/lib/k0s/bin/containerd'],
    units: ['k0sworker.service', 'k0scontroller.service'],
  },
];

const PROGRAMS = [
  '/usr/bin/containerd',
  '/usr/local/bin/containerd',
  '/usr/sbin/containerd',
  '/bin/containerd',
];
const UNIT = 'containerd.service';

/** Every containerd of a node. */
export function findContainerds(files: NodeFiles): readonly FoundEngine[] {
  const bundled = BUNDLED.filter(({ signs }) => signs.some((path) => files.exists(path))).map(
    ({ distribution, config, units }): FoundEngine => {
      const unit = unitAmong(files, units);
      const found = {
        engine: 'containerd',
        distribution,
        configPath: config,
        ...factsOf(files, config),
      } as const;
      return unit === undefined ? found : { ...found, unit };
    },
  );
  return [...findPlain(files), ...bundled];
}

function findPlain(files: NodeFiles): readonly FoundEngine[] {
  const configPath = flagOfUnit(files, UNIT, ['--config', '-c']) ?? '/etc/containerd/config.toml';
  if (![...PROGRAMS, configPath].some((path) => files.exists(path))) return [];
  return [
    { engine: 'containerd', distribution: 'plain', configPath, ...factsOf(files, configPath), unit: UNIT },
  ];
}

function factsOf(
  files: NodeFiles,
  path: string,
): { readonly configVersion?: number; readonly criDisabled?: boolean } {
  const text = fileText(files, path);
  if (text === undefined) return {};
  const table: TomlTable = parseToml(text, path);
  return { configVersion: versionOf(table), ...(isCriDisabled(table) ? { criDisabled: true } : {}) };
}
