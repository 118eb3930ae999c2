/** Why a case cannot be tried: a file of it is missing or wrong. One line, in the words of {@link CliError}. */
export class CaseFault extends Error {
  override readonly name = 'CaseFault';
}
