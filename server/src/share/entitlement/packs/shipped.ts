/** The packs that a new program can start with. */
import type { Pack } from "../pack.ts"
import { kernelHardwarePack } from "./kernel-hardware.ts"
import { kubernetesPack } from "./kubernetes.ts"
import { linuxDistrosPack } from "./linux-distros.ts"
import { threeTierPack } from "./three-tier.ts"
import { xenPack } from "./xen.ts"

export const packs: readonly Pack[] = [threeTierPack, kubernetesPack, xenPack, linuxDistrosPack, kernelHardwarePack]
