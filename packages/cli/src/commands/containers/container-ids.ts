import type { World } from '../world.js';

const TAKE_AN_ID: readonly string[] = ['ps', 'exec', 'kill', 'delete', 'events'];

/**
 * The ids that complete a command line, of which the last word is begun: the first argument of the commands about one container.
 *
 * @param args - as a shell hands them over: the option that asks, `ociwrap`, and the words
 */
export async function completedIds(
  args: readonly string[],
  { containers }: Pick<World, 'containers'>,
): Promise<readonly string[]> {
  const [, , command = '', ...words] = args;
  const begun = words.at(-1);
  const isFirst = words.slice(0, -1).every((word) => word.startsWith('-'));
  if (containers === undefined || begun === undefined || begun.startsWith('-')) return [];
  if (!TAKE_AN_ID.includes(command) || !isFirst) return [];
  const ids = await (await containers()).ids();
  return ids.filter((id) => id.startsWith(begun));
}
