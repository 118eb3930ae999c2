import { quoted } from '../../printable.js';
import { elementsOf, isAbsent, member, textOf } from '../json-view.js';
import type { LintTopic, Report } from '../lint-topic.js';

/** Device nodes, and what the device cgroup allows (config-linux.md, "Devices", "Allowed Device list"). */
export const lintDevices: LintTopic = (spec, report) => {
  const linux = member(spec, 'linux');
  const paths = new Set<string>();
  const numbers = new Set<string>();
  for (const [index, device] of elementsOf(member(linux, 'devices')).entries()) {
    const place = ['linux', 'devices', index];
    const path = textOf(member(device, 'path')) ?? '';
    if (!path.startsWith('/')) {
      report('LINT_DEVICE_PATH', [...place, 'path'], `${quoted(path)} is not an absolute path`);
    } else if (paths.has(path)) {
      report('LINT_DEVICE_TWICE', [...place, 'path'], `${quoted(path)} stands in the list before`);
    }
    paths.add(path);
    lintNumbers(device, place, numbers, report);
  }
  const allowed = elementsOf(member(member(linux, 'resources'), 'devices'));
  for (const [index, rule] of allowed.entries()) {
    lintCgroupRule(rule, ['linux', 'resources', 'devices', index], report);
  }
};

function lintNumbers(
  device: unknown,
  place: readonly (string | number)[],
  numbers: Set<string>,
  report: Report,
): void {
  const [type, major, minor] = ['type', 'major', 'minor'].map((name) => member(device, name));
  if (isAbsent(type)) {
    report('LINT_DEVICE_TYPE_MISSING', [...place, 'type'], 'the device has no type');
    return;
  }
  if (typeof type === 'string' && !/^[cbup]$/.test(type)) {
    report('LINT_DEVICE_TYPE', [...place, 'type'], `${quoted(type)} is none of "c", "b", "u" and "p"`);
    return;
  }
  if (type === 'p') return;
  if (isAbsent(major) || isAbsent(minor)) {
    report('LINT_DEVICE_NUMBER', place, 'the device has no major or no minor number, so that 0 is taken');
    return;
  }
  const id = `${type === 'u' ? 'c' : type} ${major}:${minor}`;
  if (numbers.has(id)) {
    report('LINT_DEVICE_SAME', place, `the device ${quoted(id)} stands in the list before, by another path`);
  }
  numbers.add(id);
}

function lintCgroupRule(rule: unknown, place: readonly (string | number)[], report: Report): void {
  const type = textOf(member(rule, 'type')) ?? '';
  if (!/^[abc]?$/.test(type)) {
    report('LINT_CGROUP_DEVICE_TYPE', [...place, 'type'], `${quoted(type)} is none of "a", "b" and "c"`);
  }
  const access = textOf(member(rule, 'access')) ?? '';
  if (access === '') {
    report('LINT_CGROUP_DEVICE_ACCESS_MISSING', [...place, 'access'], 'the rule is about no access');
  }
  if (!/^[rwm]*$/.test(access)) {
    const message = `${quoted(access)} holds letters other than "r", "w" and "m"`;
    report('LINT_CGROUP_DEVICE_ACCESS', [...place, 'access'], message);
  }
}
