import { printable, quoted } from '@opencontainers-ts/runtime-spec';
import type { CommandModule } from 'yargs';
import { CliError } from '../cli-error.js';
import { diskTree } from '../rule-test/disk-tree.js';
import type { FolderTree } from '../rule-test/folder-tree.js';
import { junitReport } from '../rule-test/junit-report.js';
import { findCases, type RuleCase } from '../rule-test/rule-case.js';
import { type CaseResult, tryCase } from '../rule-test/try-case.js';
import { basename, resolve } from '../system/paths.js';
import { paintDiff } from './explain/diff-text.js';
import { failure } from './failure.js';
import type { CommandOutput, Paint } from './output.js';
import { usageError } from './usage-error.js';
import { usageText } from './usage-text.js';
import type { Emit, World } from './world.js';

export interface TestOptions {
  readonly dir: string;
  /** Write the expectations that hold. */
  readonly update: boolean;
  /** Only the cases whose name has this text in it. */
  readonly filter?: string | undefined;
  /** Where the report for a CI system goes. */
  readonly junit?: string | undefined;
}

export type TestWorld = Pick<World, 'system' | 'cwd' | 'paint'> &
  Partial<Pick<World, 'tell'>> & {
    /** @defaultValue the machine's */
    readonly tree?: FolderTree;
  };

/** Tries every case of a folder. Status 0 when all hold, 1 when one does not. */
export async function testRules(
  { dir, update, filter, junit }: TestOptions,
  { system, cwd, paint, tell, tree = diskTree(system) }: TestWorld,
): Promise<CommandOutput> {
  try {
    const cases = casesIn(dir, cwd, filter, tree);
    const results: CaseResult[] = [];
    for (const ruleCase of cases) {
      const result = await tryCase(system, ruleCase, update, tree, tell);
      if (result.kind === 'updated') keep(ruleCase, result, tree);
      results.push(toldOnce(result, results));
    }
    if (junit !== undefined) {
      write(junit, junitReport(basename(resolve(cwd, dir)), results), tree);
    }
    const failed = results.filter(({ kind }) => kind === 'failed').length;
    return {
      status: failed === 0 ? 0 : 1,
      stdout: results.map((result) => resultText(result, paint)).join(''),
      stderr: `${summary(results)}\n`,
    };
  } catch (error) {
    return failure(error);
  }
}

/** What is wrong with rules is said of the first case that has them. */
function toldOnce(result: CaseResult, before: readonly CaseResult[]): CaseResult {
  if (result.kind !== 'failed' || result.rules === undefined) return result;
  const { rules, message } = result;
  const isTold = before.some((each) => each.kind === 'failed' && each.message === message);
  return isTold ? { ...result, message: `${rules} cannot be used, as said above` } : result;
}

function casesIn(
  dir: string,
  cwd: string,
  filter: string | undefined,
  tree: FolderTree,
): readonly RuleCase[] {
  if (tree.list(dir) === undefined) {
    throw usageError(`${quoted(dir)} is not a folder`, 'ociwrap test');
  }
  const cases = findCases(dir, tree).map((each) =>
    each.name === '.' ? { ...each, name: basename(resolve(cwd, dir)) } : each,
  );
  if (cases.length === 0) {
    throw usageError(
      `no cases in ${quoted(dir)}: a case is a folder with a config.json or a patch.json`,
      'ociwrap test',
    );
  }
  if (filter === undefined) return cases;
  const wanted = cases.filter(({ name }) => name.includes(filter));
  if (wanted.length === 0) {
    const message = `no case in ${quoted(dir)} has ${quoted(filter)} in its name; there are ${cases.length}`;
    throw usageError(message, 'ociwrap test');
  }
  return wanted;
}

function keep(
  { dir }: RuleCase,
  { write: kept, remove }: Extract<CaseResult, { kind: 'updated' }>,
  tree: FolderTree,
): void {
  write(`${dir}/${kept.name}`, kept.text, tree);
  for (const name of remove) {
    tree.remove(`${dir}/${name}`);
  }
}

function write(path: string, text: string, tree: FolderTree): void {
  try {
    tree.write(path, text);
  } catch (cause) {
    const { code } = cause as { readonly code?: string };
    throw new CliError('ERR_OUTPUT_UNWRITABLE', `cannot write ${quoted(path)}: ${code}`, {
      cause,
      details: { path },
    });
  }
}

function resultText(result: CaseResult, paint: Paint): string {
  const name = printable(result.name);
  switch (result.kind) {
    case 'passed':
      return `${paint('green', 'passed')}  ${name}\n`;
    case 'updated':
      return `${paint('yellow', 'updated')} ${name}: ${result.write.name}\n`;
    case 'failed': {
      const diff = paintDiff(result.diff ?? '', paint).map((line) => `    ${line}\n`);
      return `${paint('red', 'failed')}  ${name}: ${printable(result.message)}\n${diff.join('')}`;
    }
  }
}

function summary(results: readonly CaseResult[]): string {
  const count = (kind: CaseResult['kind']) => results.filter((result) => result.kind === kind).length;
  const updated = count('updated');
  return `${count('passed')} passed, ${count('failed')} failed${updated === 0 ? '' : `, ${updated} updated`}`;
}

interface TestArguments {
  readonly dir: string;
  readonly update: boolean;
  readonly filter: string | undefined;
  readonly junit: string | undefined;
}

/** `ociwrap test`. */
export function testCommand(world: TestWorld, emit: Emit): CommandModule<object, TestArguments> {
  return {
    command: 'test <dir>',
    describe: 'Try rules on containers that are kept as files',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Tries rules on containers that are kept as files, in memory and without root.', [
            ['test rules/test', 'every case in the folder and below'],
            ['test rules/test/kvm', 'one case, with the rules above it'],
            ['test rules/test --filter kvm', 'the cases with that in their name'],
            ['test rules/test --update', 'and write what each one comes to'],
            ['test rules/test --junit report.xml', 'a report for a CI system'],
          ]),
        )
        .positional('dir', { type: 'string', demandOption: true, describe: 'Folder with cases' })
        .option('update', {
          alias: 'u',
          type: 'boolean',
          default: false,
          describe: 'Write the expectations that hold',
        })
        .option('filter', {
          type: 'string',
          requiresArg: true,
          describe: 'Only the cases whose name has this text in it',
        })
        .option('junit', { type: 'string', requiresArg: true, describe: 'Write a JUnit report to this file' })
        .epilogue(
          'A case is a folder with config.json (or patch.json and, here or above, base.json), rules.toml (and,\n' +
            'where that is a drop-in, config.toml), host.json, call.json, and one of expected.json, expected.patch.json and expected-error.json. See docs/rules.md.',
        ),
    handler: async ({ dir, update, filter, junit }) => {
      emit(await testRules({ dir, update, filter, junit }, world));
    },
  };
}
