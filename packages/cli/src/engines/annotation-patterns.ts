import type { Rule } from '@opencontainers-ts/rootfs-rewriter';

/** A key with a domain, or the beginning of one: `sgs.snucse.org/os-volume`, `cdi.k8s.io/`. */
const KEY = /^([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z0-9-]*[a-z0-9])\/[A-Za-z0-9._-]*$/;

/**
 * Patterns of the annotations that the rules of a node look for, as containerd takes them: every key of a domain, since a rule
 * has keys beside its trigger that begin as the trigger does, and `*` of path.Match (Go) does not cross a slash.
 */
export function annotationPatterns(rules: readonly Pick<Rule, 'triggers'>[]): readonly string[] {
  const texts = rules.flatMap(({ triggers }) => (triggers === 'every-create' ? [] : triggers));
  const domains = texts.flatMap((text) => KEY.exec(text)?.[1] ?? []);
  return [...new Set(domains)].toSorted().map((domain) => `${domain}/*`);
}
