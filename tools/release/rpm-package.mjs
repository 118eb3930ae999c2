// The program as a package for Fedora, RHEL, SUSE and their like, by the rpmbuild of a Debian root.
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { debianRoot } from '../debian-root.mjs';
import { inNamespacesOfItsOwn } from '../jest-run.mjs';
import { layOutTree, REFUSE_IF_USED } from './installed-tree.mjs';
import { must, version } from './release-folder.mjs';

/** The release whose rpmbuild it is. */
const RELEASE = 'trixie';

const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' };

/** @returns the name of the file that is made in the folder */
export function makeRpmPackage(architecture, folder, native) {
  const name = `ociwrap-${version}-1.${architecture.rpm}.rpm`;
  const work = join(folder, `${name}.work`);
  const tree = join(work, 'tree');
  layOutTree(architecture, tree, native);
  writeFileSync(join(work, 'ociwrap.spec'), specText(tree));
  const defines = {
    _topdir: work,
    _rpmdir: join(work, 'out'),
    _tmppath: '/tmp',
    _rpmfilename: name,
    _buildhost: 'localhost',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    // The program has been stripped, and its notes are what it is recognised by.
    __os_install_post: '%{nil}',
    debug_package: '%{nil}',
  };
  const options = Object.entries(defines).map(([key, value]) => `--define=${key} ${value}`);
  rpm(['rpmbuild', '-bb', `--target=${architecture.rpm}-linux`, ...options, join(work, 'ociwrap.spec')]);
  copyFileSync(join(work, 'out', name), join(folder, name));
  rmSync(work, { recursive: true });
  return name;
}

/** Runs a program of the Debian root where it sees this repository. */
export function rpm(command) {
  const [program, ...args] = inNamespacesOfItsOwn(command, { debianRoot: debianRoot(RELEASE) });
  return must(program, args, { env: ENVIRONMENT });
}

function specText(tree) {
  return `Name: ociwrap
Version: ${version}
Release: 1
Summary: OCI runtime wrapper that rewrites config.json by rules
License: Apache-2.0
URL: https://github.com/opencontainers-ts/ociwrap
AutoReqProv: no
%description
A container engine calls it in place of runc. It makes a volume the root file
system of a container, injects devices by CDI, or does what a rule says, and
then becomes the real runtime. One static program, which needs nothing else.
%install
cp -a '${tree}/.' %{buildroot}
%preun
if [ "$1" = 0 ]; then
  ${REFUSE_IF_USED}
fi
%files
%defattr(-,root,root)
/usr/bin/ociwrap
/usr/bin/oci-runtime-wrapper
%dir /etc/ociwrap
/usr/share/bash-completion/completions/ociwrap
/usr/share/zsh/site-functions/_ociwrap
/usr/share/fish/vendor_completions.d/ociwrap.fish
%doc /usr/share/doc/ociwrap
`;
}
