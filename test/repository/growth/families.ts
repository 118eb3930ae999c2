import { cdiRequestFamilies } from './cdi-request-families.js';
import { cdiSpecFamilies } from './cdi-spec-families.js';
import type { Families } from './family.js';
import { nvidiaFamilies } from './nvidia-families.js';
import { planningFamilies } from './planning-families.js';
import { specFamilies } from './spec-families.js';

export const families: Families = {
  ...specFamilies,
  ...planningFamilies,
  ...cdiRequestFamilies,
  ...cdiSpecFamilies,
  ...nvidiaFamilies,
};
