// TextEncoder and TextDecoder, which the engine lacks: as much of the WHATWG Encoding Standard as is used here, which is UTF-8,
// whole texts. A script whose value is a function that puts them into the realm where it is evaluated. It is given what
// the launcher does for them (native/port/text.cc): before the bundle, and in every realm of a rule module.
(encodeUtf8, decodeUtf8) => {
  const FATAL = 1;
  const KEEP_MARK = 2;

  class TextEncoder {
    encoding = 'utf-8';

    encode(text = '') {
      return encodeUtf8(`${text}`);
    }
  }

  class TextDecoder {
    encoding = 'utf-8';

    constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
      if (!/^utf-?8$/i.test(label)) throw new RangeError(`no encoding but UTF-8 is known here, not ${label}`);
      this.fatal = Boolean(fatal);
      this.ignoreBOM = Boolean(ignoreBOM);
    }

    decode(bytes = new Uint8Array(0)) {
      const text = decodeUtf8(bytes, (this.fatal ? FATAL : 0) + (this.ignoreBOM ? KEEP_MARK : 0));
      if (text === null) throw new TypeError('the bytes are no UTF-8');
      return text;
    }
  }

  const hidden = { configurable: true, enumerable: false, writable: true };
  Object.defineProperty(globalThis, 'TextEncoder', { ...hidden, value: TextEncoder });
  Object.defineProperty(globalThis, 'TextDecoder', { ...hidden, value: TextDecoder });
};
