/** A file as a distribution leaves it. */
export interface StockFile {
  readonly text: string;
  readonly mode?: number;
  readonly gid?: number;
}

/** A distribution of Kubernetes, as the folders of a node show it. */
export interface Distribution {
  readonly name: string;
  readonly overlay: string;
  readonly files: Readonly<Record<string, StockFile>>;
  /** The file that gets the handler. */
  readonly configured: string;
  /** What systemd is asked for, so that the engine reads it. */
  readonly restart: readonly string[];
  /** Where its containerd has its tasks. */
  readonly tasks: string;
}

const TASKS = 'io.containerd.runtime.v2.task/k8s.io';

const kubeadm = `version = 2
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
    SystemdCgroup = true
`;

const rancher = (folder: string) => `# File generated. DO NOT EDIT.
version = 3
imports = ["${folder}/config-v3.toml.d/*.toml"]

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
`;

const rancherOf = (name: 'k3s' | 'rke2', unit: string): Distribution => {
  const folder = `/var/lib/rancher/${name}/agent/etc/containerd`;
  return {
    name,
    overlay: `overlays/${name}`,
    files: {
      [`${folder}/config.toml`]: { text: rancher(folder), mode: 0o600 },
      [`/etc/systemd/system/${unit}`]: { text: '[Service]\nKillMode=process\n' },
    },
    configured: `${folder}/config-v3.toml.d/99-ociwrap-pvc.toml`,
    restart: [`restart ${unit}`],
    tasks: `/run/k3s/containerd/${TASKS}`,
  };
};

const microk8s = '/var/snap/microk8s/current/args/containerd-template.toml';

export const DISTRIBUTIONS: readonly Distribution[] = [
  {
    name: 'kubeadm with containerd',
    overlay: 'base',
    files: {
      '/etc/containerd/config.toml': { text: kubeadm },
      '/usr/lib/systemd/system/containerd.service': { text: '[Service]\nExecStart=/usr/bin/containerd\n' },
    },
    configured: '/etc/containerd/config.toml',
    restart: ['restart containerd.service'],
    tasks: `/run/containerd/${TASKS}`,
  },
  rancherOf('k3s', 'k3s.service'),
  rancherOf('rke2', 'rke2-agent.service'),
  {
    name: 'MicroK8s',
    overlay: 'overlays/microk8s',
    files: {
      // Its group may write there, and is another one than root's.
      [microk8s]: {
        text: `version = 2
[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "\${SNAPSHOTTER}"
  default_runtime_name = "\${RUNTIME}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "\${RUNTIME_TYPE}"
`,
        mode: 0o660,
        gid: 1000,
      },
      '/etc/systemd/system/snap.microk8s.daemon-containerd.service': { text: '[Service]\n' },
    },
    configured: microk8s,
    restart: ['restart snap.microk8s.daemon-containerd.service'],
    tasks: `/var/snap/microk8s/common/run/containerd/${TASKS}`,
  },
  {
    name: 'k0s',
    overlay: 'overlays/k0s',
    files: {
      '/etc/k0s/containerd.toml': {
        text: '# k0s_managed=true\nversion = 2\nimports = ["/run/k0s/containerd-cri.toml"]\n',
        mode: 0o640,
      },
      '/run/k0s/containerd-cri.toml': { text: kubeadm },
      '/etc/systemd/system/k0sworker.service': { text: '[Service]\n' },
    },
    // It watches its folder, and starts its containerd anew by itself.
    configured: '/etc/k0s/containerd.d/99-ociwrap-pvc.toml',
    restart: [],
    tasks: `/run/k0s/containerd/${TASKS}`,
  },
];
