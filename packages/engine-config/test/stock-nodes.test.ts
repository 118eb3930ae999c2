import { describe, expect, test } from '@jest/globals';

import {
  configureEngine,
  type FileChange,
  findEngines,
  type HandlerRequest,
  handlersOf,
  unconfigureEngine,
} from '../src/index.js';
import { MemoryNode } from './memory-node.js';
import { STOCK_NODES, type StockNode } from './stock-nodes.js';

const PROGRAM = '/opt/ociwrap/bin/oci-runtime-wrapper';
const request = (handler: string, setDefault = false): HandlerRequest => ({
  handler,
  program: PROGRAM,
  podAnnotations: ['sgs.snucse.org/*'],
  setDefault,
  systemdCgroup: 'as-runc',
});

function engineOf(node: MemoryNode, { engine }: StockNode) {
  const found = findEngines(node).find((each) => `${each.engine} ${each.distribution}` === engine);
  if (found === undefined) throw new Error(`no ${engine}`);
  return found;
}

const oursOf = (node: MemoryNode, stock: StockNode) =>
  handlersOf(engineOf(node, stock), node).filter(({ isOurs }) => isOurs);

describe.each(STOCK_NODES.map((stock) => [stock.title, stock] as const))('%s', (_title, stock) => {
  const isBuildkit = stock.engine.startsWith('buildkit');

  test('gets a handler once, and is byte for byte what it was without it', () => {
    const node = new MemoryNode(stock.files);
    const before = node.snapshot();
    const change = configureEngine(engineOf(node, stock), node, request('pvc'));
    expect(change.files.map(({ path }) => path)).toEqual(stock.written);
    node.carryOut(change);
    expect(oursOf(node, stock)).toMatchObject([
      {
        name: 'pvc',
        program: PROGRAM,
        isDefault: isBuildkit,
        ...(stock.engine.startsWith('containerd') ? { podAnnotations: ['sgs.snucse.org/*'] } : {}),
      },
    ]);
    expect(configureEngine(engineOf(node, stock), node, request('pvc')).files).toEqual([]);
    node.carryOut(unconfigureEngine(engineOf(node, stock), node, 'pvc', change.files));
    expect(node.snapshot()).toEqual(before);
    expect(unconfigureEngine(engineOf(node, stock), node, 'pvc').files).toEqual([]);
  });

  test('has two handlers side by side, taken out in either order', () => {
    if (isBuildkit) return expect(stock.written).toEqual(['/etc/buildkit/buildkitd.toml']);
    for (const order of [
      ['pvc', 'tools'],
      ['tools', 'pvc'],
    ] as const) {
      const node = new MemoryNode(stock.files);
      const before = node.snapshot();
      const recorded: FileChange[] = [];
      for (const handler of ['pvc', 'tools']) {
        const change = configureEngine(engineOf(node, stock), node, request(handler));
        recorded.push(...change.files);
        node.carryOut(change);
      }
      expect(
        oursOf(node, stock)
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['pvc', 'tools']);
      const [first, second] = order;
      node.carryOut(unconfigureEngine(engineOf(node, stock), node, first, recorded));
      expect(oursOf(node, stock).map(({ name }) => name)).toEqual([second]);
      expect(configureEngine(engineOf(node, stock), node, request(second)).files).toEqual([]);
      node.carryOut(unconfigureEngine(engineOf(node, stock), node, second, recorded));
      expect(valuesOf(node)).toEqual(valuesOf(new MemoryNode(before)));
    }
    return undefined;
  });

  const hasNoDefault = stock.written.some((path) => path.endsWith('.tmpl')) || isBuildkit;
  test(hasNoDefault ? 'has a default that is not set here' : 'gets a default, and its own back', () => {
    const node = new MemoryNode(stock.files);
    const before = node.snapshot();
    const configure = (setDefault: boolean) =>
      configureEngine(engineOf(node, stock), node, request('pvc', setDefault));
    if (stock.written.some((path) => path.endsWith('.tmpl'))) {
      expect(() => configure(true)).toThrow(/default-runtime: pvc/);
      return;
    }
    const change = configure(true);
    node.carryOut(change);
    expect(oursOf(node, stock)).toMatchObject([{ name: 'pvc', isDefault: true }]);
    expect(configure(true).files).toEqual([]);
    node.carryOut(unconfigureEngine(engineOf(node, stock), node, 'pvc', change.files));
    expect(node.snapshot()).toEqual(before);
  });
});

/** JSON loses the form of what held nothing: there the values count. */
function valuesOf(node: MemoryNode): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(node.snapshot()).flatMap(([path, text]) => {
      if (!path.endsWith('.json')) return [[path, text]];
      const { runtimes, ...others } = JSON.parse(text.replace(/^\uFEFF/, ''));
      const named = Object.keys(runtimes ?? {}).length > 0 ? { runtimes } : {};
      const value = { ...others, ...named };
      return Object.keys(value).length === 0 ? [] : [[path, value]];
    }),
  );
}
