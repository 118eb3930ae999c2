/** What `ociwrap config default` prints: every key at its default, or commented out where it has none. */
export const DEFAULT_CONFIG = `# The configuration of ociwrap: /etc/ociwrap/config.toml. Files in /etc/ociwrap/conf.d, by name, come after it.
# Every key may be left out. docs/configuration.md says what each one means; "ociwrap config check" looks for mistakes.

# sgs: a PersistentVolumeClaim as the root file system. guardian: devices for virtual machines. none: no rules but yours.
profile = "sgs"
# Mode of a config.json that was rewritten: "preserve" the one that it had, but that only its owner may write it, or
# "private" (0600).
config-mode = "preserve"
# "enforce", or "audit": all rules are only tried, and the log says what they would have done.
mode = "enforce"
# Whether a container, sandboxes excepted, that no rule acts on is refused.
required = false
# Whether calls in which nothing can be there to rewrite are passed through without the JavaScript engine.
fast-path = true
# Seconds that a rule module may take to be loaded, and for each question that its rule is asked.
module-timeout = 2

[runtime]
# "runc" or "nvidia"; left out, the name of the call decides.
# mode = "runc"
# Paths, and names to look up on PATH, in order, instead of runc.
# search = ["/usr/local/sbin/runc", "runc"]

[runtime.paths]
# The real runtime of each mode, and no other.
# runc = "/usr/sbin/runc"
# nvidia = "/usr/bin/nvidia-container-runtime.real"

[log]
# The default of the profile guardian is "/var/log/guardian-runc-shim.log".
file = "/var/log/sgs-runtime-wrapper.log"
level = "info"
format = "json"
# Bytes, or such as "10MiB": a larger file is renamed to FILE.1. 0: no limit.
max-size = "10MiB"
# How many old files there are: FILE.1, the youngest, to FILE.3.
keep = 3

[metrics]
# A file of the node exporter's textfile collector. With one, every call goes through the engine.
# file = "/var/lib/node_exporter/textfile/ociwrap.prom"

[volumes]
# The kubelet's --root-dir.
kubelet-root = "/var/lib/kubelet"
# Folders of hostPath provisioners, such as "/opt/local-path-provisioner".
host-path-folders = []
require-mount-point = true
# A container of an annotated pod that does not mount the volume, where no annotation names the one that is meant:
# "refuse", or "pass": it starts on its image.
without-mount = "refuse"
# How a volume becomes a root, where the pod does not say it: "replace", "overlay" over the image, or "seed": it is filled from
# the image while it is empty.
strategy = "replace"
# The image below an overlay, or that a volume was filled from, is another one than before: "keep", "warn" or "refuse".
image-change = "warn"

[cdi]
# Whether devices that containers ask for by CDI are injected: docs/cdi.md.
enabled = false
# Folders of CDI specs; the later one wins.
spec-dirs = ["/etc/cdi", "/var/run/cdi"]
# Where containers may ask.
sources = ["annotations", "mounts", "env"]
# What every container gets, such as "nvidia.com/gpu=all".
devices = []
# The kind of names that say none: CDI alone serves GPUs, without NVIDIA's hook or runtime.
# default-kind = "nvidia.com/gpu"
# Whether NVIDIA_VISIBLE_DEVICES counts in a container without CAP_SYS_ADMIN.
accept-env-when-unprivileged = true
# Whether a volume that is the root is cleaned, before each start, of what earlier injections left: "keep" or "clean".
residue = "keep"
# Whether /run is a tmpfs where the root is a volume.
run-tmpfs = false
# A container whose runtime (runsc before release-20260520) skips hooks that its devices rely on: "refuse" or "warn".
hooks-skipped = "refuse"

[nvidia]
# Which NVIDIA hook "ociwrap nvidia-hook" follows: "seed" (2020), "v1.5" or "current" (1.20).
profile = "current"

# What is different in calls under the name oci-runtime-wrapper-boot; also handler.d/boot.toml.
# [handler.boot]
# required = true

# Rules, asked in this order, after those of the profile.
# [[rule]]
# use = "pvc-rootfs"
# options = { annotation = "example.org/root-volume" }
#
# [[rule]]
# module = "/etc/ociwrap/rules/my-rule.mjs"
`;
