// What the launcher starts: runs wrapper-code.cjs, from what V8 compiled of it when the package was made. Compiling is
// half of what the wrapper costs on top of Node itself. Both files lie beside this one, as read-only as the program;
// V8 takes the compiled code only if it is of its own version and of a source of that length, and else compiles.
const { readFileSync } = process.getBuiltinModule('node:fs');
const { Script } = process.getBuiltinModule('node:vm');

const filename = `${import.meta.dirname}/wrapper-code.cjs`;

function compiledCode(): Buffer | undefined {
  try {
    return readFileSync(`${import.meta.dirname}/wrapper-code.cache`);
  } catch {
    return undefined; // only slower
  }
}

const cachedData = compiledCode();
const script = new Script(readFileSync(filename, 'utf8'), {
  filename,
  ...(cachedData === undefined ? {} : { cachedData }),
});

/** The function that wrapper-code.cjs is. It requires what is built in, and files that lie beside it. */
type WrapperCode = (require: (name: string) => unknown, dirname: string) => void;

(script.runInThisContext() as WrapperCode)(
  (name) => (name.startsWith('./') ? require(name) : process.getBuiltinModule(name as 'node:fs')),
  import.meta.dirname,
);
