// Makes the roots that a whole test run is done in. A program of its own: fetching waits for the network, and the compiler runs meanwhile.
import { browserRoot } from './browser-root.mjs';
import { debianRoot, TESTED_RELEASES } from './debian-root.mjs';

for (const release of TESTED_RELEASES) debianRoot(release);
browserRoot();
