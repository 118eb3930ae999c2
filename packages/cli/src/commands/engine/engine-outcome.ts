import { printable, quoted } from '@opencontainers-ts/runtime-spec';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

import type { EngineOutcome } from '../../engines/configure-engines.js';
import { paintDiff } from '../explain/diff-text.js';
import type { Paint } from '../output.js';

/** What was done to an engine, as data. The texts of files stay out of it: they may have passwords in them. */
export function outcomeJson({
  engine,
  handler,
  files,
  reload,
  isChecked,
  reloaded,
  needsReload,
  notes,
}: EngineOutcome) {
  return {
    ...engine,
    handler,
    changed: files.map(({ path, before, after }) => ({
      path,
      change: before === undefined ? 'made' : after === undefined ? 'removed' : 'changed',
    })),
    isChecked,
    reload: reload.systemctl.length === 0 ? null : ['systemctl', ...reload.systemctl],
    reloaded: reloaded ?? null,
    needsReload,
    notes,
  };
}

/** And for people: a sentence each; of a dry run the differences. */
export function outcomeText(
  outcome: EngineOutcome,
  paint: Paint,
  { isDryRun, isConfigured }: { readonly isDryRun: boolean; readonly isConfigured: boolean },
): string {
  const { engine, handler, files, notes } = outcome;
  const name = engine.distribution === 'plain' ? engine.engine : `${engine.engine} of ${engine.distribution}`;
  const is = isConfigured ? 'has' : 'does not have';
  const lines = [
    files.length === 0
      ? `${name} ${is} the handler ${quoted(handler)}: nothing to change`
      : `${name}: ${files.map((file) => changeText(file, isDryRun)).join(', ')}`,
    ...(isDryRun ? files.flatMap((file) => paintDiff(diffOf(file), paint)) : []),
    ...(files.length > 0 && !isDryRun && !outcome.isChecked
      ? ['  its own program could not be asked what it makes of that']
      : []),
    ...reloadText(outcome, isDryRun),
    ...(isConfigured && files.length > 0 ? notes.map((note) => `  ${printable(note)}`) : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

type Change = EngineOutcome['files'][number];

function changeText({ path, before, after }: Change, isDryRun: boolean): string {
  const verb =
    before === undefined
      ? ['wrote', 'write']
      : after === undefined
        ? ['removed', 'remove']
        : ['changed', 'change'];
  return `${isDryRun ? 'would ' : ''}${verb[isDryRun ? 1 : 0]} ${quoted(path)}`;
}

function diffOf({ path, before, after }: Change): string {
  const names = [
    before === undefined ? '/dev/null' : path,
    after === undefined ? '/dev/null' : path,
  ] as const;
  return createTwoFilesPatch(...names, before ?? '', after ?? '', '', '', {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
}

function reloadText({ reload, reloaded, needsReload }: EngineOutcome, isDryRun: boolean): readonly string[] {
  const command = `systemctl ${reload.systemctl.join(' ')}`;
  if (reload.action === 'none') return [];
  if (reloaded === 'done') return [`  done: ${command}`];
  if (reloaded === 'not-needed') return ['  it does not run, or was started since: nothing to restart'];
  if (!needsReload) return [];
  return [
    `  ${isDryRun ? 'then' : 'it reads that after'}: ${command}${isDryRun ? '' : ' (or call this again with --restart)'}`,
  ];
}
