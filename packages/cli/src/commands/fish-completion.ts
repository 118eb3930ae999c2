import type { World } from './world.js';

/** By the same variable yargs tells zsh from bash. */
export function isFish({ SHELL = '' }: World['env']): boolean {
  return SHELL.endsWith('/fish');
}

/**
 * What completes `ociwrap` in fish: the words are those that yargs has for bash. Where it has none, fish offers files, as
 * `complete` does without `--no-files`.
 */
export const FISH_COMPLETION = `# Installation: ociwrap completion > ~/.config/fish/completions/ociwrap.fish
function __ociwrap_completions
    set --local words (commandline --current-process --tokenize --cut-at-cursor)
    ociwrap --get-yargs-completions $words (commandline --current-token)
end
complete --command ociwrap --arguments '(__ociwrap_completions)'
`;
