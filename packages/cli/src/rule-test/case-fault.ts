/** Why a case cannot be tried: a file of it is missing or wrong. One line, in the words of {@link CliError}. */
export class CaseFault extends Error {
  override readonly name: string = 'CaseFault';
}

/** Rules that cannot be used: what is wrong with them concerns every case that has them. */
export class RulesFault extends CaseFault {
  override readonly name = 'RulesFault';
  /** The file. */
  readonly file: string;

  constructor(message: string, file: string, options?: ErrorOptions) {
    super(message, options);
    this.file = file;
  }
}
